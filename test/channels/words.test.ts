import { expect, test } from "vitest";
import { isStopWord } from "../../src/channels/running/words.ts";

test.each([
  ...[
    "stop",
    "STOP!!!",
    " Stop. ",
    "stop?",
    "stop, please",
    "Please, stop!",
    "stop now",
    "stop stop stop",
    "/stop",
    "/STOP",
  ],
  ...[
    "**stop**",
    "`stop`",
    '"stop"',
    "ｓｔｏｐ",
    "s\u200btop",
    "stop\u202e",
    "stop\u0000",
    "🛑",
    "✋\ufe0f",
    "quit",
    "Abbruch!",
  ],
  ...["hör auf", "Hör auf!", "arrête", "стоп", "停止", "やめて", "¡Alto!"],
])("%j ends what is under way", (text) => expect(isStopWord(text)).toBe(true));

test.each([
  ...[
    "",
    "!",
    "stopping",
    "stop the server",
    "nonstop",
    "no",
    "do not stop",
    "/stopp",
    "/stop now",
    "stop-motion",
    "un stop",
  ],
  ...["wait for the build", "cancel my subscription", "exit code 3", "why stop?"],
])("%j does not", (text) => expect(isStopWord(text)).toBe(false));
