# SPDX-License-Identifier: Apache-2.0
"""What every test takes for granted of the process it runs in."""

import signal

# A job that a script puts in the background begins with Ctrl-C ignored, and Python then leaves it so. With Python's own
# handler here the tests of interruptions hold there, too, and so they do in the processes they start: a handler, unlike
# an ignored signal, is not inherited.
signal.signal(signal.SIGINT, signal.default_int_handler)
