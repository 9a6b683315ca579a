// SPDX-License-Identifier: Apache-2.0
// The order of chapters, and the words of the pages' frame in both languages.

export const contents = [
  { en: "Autoencoders", zh: "自编码器", chapters: ["linear", "losses", "stacked", "denoising", "bound", "vae", "faces"] },
  { en: "Information", zh: "信息与编码", chapters: ["coding", "kl-bits"] },
  { en: "Distances of known distributions", zh: "已知分布之间的距离",
    chapters: ["divergences", "two-ways", "game", "parallel-lines", "three-histograms", "transport"] },
  { en: "Distances of samples", zh: "样本之间的距离", chapters: ["witness", "sinkhorn", "critic", "which"] },
  { en: "Generators", zh: "生成器", chapters: ["particles", "gan-line", "digits"] },
  { en: "Slips", zh: "笔误", chapters: ["slips"] },
];

export const words = {
  en: {
    lang: "en", site: "Pushforward: a walk through the course", home: "Contents", other: "中文", otherLang: "zh",
    theme: "Light or dark", previous: "Previous", next: "Next", question: "Try it", answer: "Answer", copy: "Copy",
    skip: "To the text", menu: "Chapters", chapter: "Chapter",
    lead: "Generative networks, and the distances between distributions that train them: every idea with its formula, " +
          "a figure that moves, and numbers that this program computed when it wrote these pages.",
    idea: "A generative network pushes noise forward onto data, and to train it is to shrink a distance between distributions.",
    made: "Computed by pushforward {{site.version}} with --seed {{site.seed}}{{site.mode_en}}.",
    numbers: "All numbers of this chapter (JSON)", code: "Code of others in these pages",
    missing: "This chapter needs data that are not on this machine. Fetch them, then run the same walkthrough command again; it computes only what is missing:",
    not_yet: "This chapter has not been computed yet. The same command computes what is missing:",
  },
  zh: {
    lang: "zh-CN", site: "Pushforward：课程漫游", home: "目录", other: "English", otherLang: "en",
    theme: "浅色或深色", previous: "上一章", next: "下一章", question: "试一试", answer: "答案", copy: "复制",
    skip: "跳到正文", menu: "各章", chapter: "第",
    lead: "生成网络，以及用来训练它们的分布间距离：每个概念都配有公式、可以动手操作的图，以及写出本页时由程序当场算出的数值。",
    idea: "生成网络把噪声推送到数据上；训练它，就是缩小两个分布之间的距离。",
    made: "由 pushforward {{site.version}} 以 --seed {{site.seed}} 计算{{site.mode_zh}}。",
    numbers: "本章的全部数值（JSON）", code: "页面所用的第三方代码",
    missing: "本章需要的数据不在这台计算机上。请先获取数据，再运行同一条 walkthrough 命令，程序只计算尚缺的部分：",
    not_yet: "本章尚未计算。运行同一条命令会计算尚缺的部分：",
  },
};
