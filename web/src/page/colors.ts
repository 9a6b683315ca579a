// SPDX-License-Identifier: Apache-2.0
// Colors of curves and classes: Okabe and Ito's, and neighbors of theirs; the style sheet has them for light and dark.
const series = ["var(--p)", "var(--q)", "var(--third)", "var(--fourth)", "var(--fifth)", "var(--sixth)", "var(--seventh)", "var(--eighth)", "var(--ninth)", "var(--tenth)"];
const dashes = ["", "7,3", "2,3", "9,3,2,3", "4,4"];

export const seriesColor = (i: number): string => series[i % series.length];
/** Curves can be told apart without color. */
export const seriesDash = (i: number): string => dashes[i % dashes.length];
