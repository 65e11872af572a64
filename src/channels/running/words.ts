/** What the gateway itself says in a chat. */
export const words = {
  hello: "Hello. Write what is to be done; /help says what else there is.",
  help: [
    "Write what is to be done, with pictures and files if you like.",
    "",
    "/new begins a new conversation",
    "/stop (or just: stop) ends what is under way",
    "/status says how things are",
    "/model shows the model, or takes another: /model NAME",
    "/approve shows again what waits for your word",
    "/again sends once more what may not have arrived",
  ].join("\n"),
  inDoubt:
    "The connection broke while the message before this one was sent: it may have arrived, or not. /again sends it once more.",
  fileRefused: (name: string, why: string) => `⚠️ The file \`${name.replaceAll("`", "'")}\` was not sent: ${why}`,
  nothingInDoubt: "Nothing is in doubt: all that was sent has arrived.",
  stopped: "Stopped.",
  nothingToStop: "Nothing is under way.",
  fresh: "A new conversation. What was said before is kept, and is not read any more.",
  nothingWaits: "Nothing waits for your word.",
  noAnswer: "(There was no answer.)",
  interrupted: "This was interrupted, and could not be gone on with.",
  timedOut: "This took longer than it may, and was ended.",
  notYours: "This is not yours to answer.",
  over: "This was answered already, or waits no more.",
  allowed: "Allowed, this once.",
  denied: "Denied.",
  unread:
    "I was not told what that says: Discord tells a bot only what names it. Write my name in it, or leave the ping of your answer on.",
  closed: "This bot is private.",
  stranger: (id: string) =>
    `This bot is private. If it is yours, put your number, ${id}, into \`allow\` in openclaw.yml.`,
  code: (code: string) =>
    `This bot is private. If it is yours, confirm this code within ten minutes where Pincer runs, with \`pincer channels pair ${code}\` or in the editor: **${code.slice(0, 4)}-${code.slice(4)}**`,
};

// Said alone, however it is written: in small letters, without marks, and each word once.
const STOP = new Set([
  ...["stop", "abort", "cancel", "halt", "wait", "exit", "quit", "interrupt", "esc", "enough", "🛑", "✋"],
  ...["please stop", "stop please", "stop it", "stop that", "stop this", "stop now", "stop everything", "stop all"],
  ...["stop the run", "stop the agent", "stop it now", "stop it please", "please stop it"],
  ...[
    "stopp",
    "halt an",
    "anhalten",
    "abbrechen",
    "abbruch",
    "aufhören",
    "hör auf",
    "hoer auf",
    "bitte stopp",
    "stopp bitte",
  ],
  ...[
    "arrête",
    "arrete",
    "arrêtez",
    "detente",
    "detén",
    "alto",
    "basta",
    "fermati",
    "pare",
    "стоп",
    "остановись",
    "停止",
    "停",
  ],
  ...["やめて", "止めて", "중지", "멈춰", "توقف", "रुको", "dur", "zatrzymaj"],
]);
// What is not seen, and what stands around or between words.
const NOT_SEEN = /[\p{Cf}\p{Cc}\ufe0f]/gu;
const MARKS = /[\p{P}\p{Sk}~|<>+=]+/gu;

/** Whether a message says no more than that what is under way is to end. */
export function isStopWord(text: string): boolean {
  if (text.length > 40) return false;
  const bare = text.normalize("NFKC").replaceAll(/\s/g, " ").replaceAll(NOT_SEEN, "").trim().toLowerCase();
  if (bare.startsWith("/")) return bare === "/stop";
  const words = bare.replaceAll(MARKS, " ").split(" ").filter(Boolean);
  return STOP.has(words.filter((word, at) => word !== words[at - 1]).join(" "));
}
