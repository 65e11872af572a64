import type { ModelServerRequest, Turn } from "../fakes/modelTurn.ts";

/** What the fake model does, by the first word of a message: each word leads a run through another kind of work. */
export function killScript(request: ModelServerRequest): Turn {
  if (request.tools.length === 0) return { text: "They talked at length.", chunks: 6, delayMs: 10 };
  const [word, name = ""] = request.text.split(" ");
  const done: Turn = { text: `Done: ${name}` };
  switch (word) {
    case "slow":
      return { text: "A long answer, told bit by bit. ".repeat(8), chunks: 20, delayMs: 15 };
    case "tools":
      return request.toolResults.length > 0 ? done : { text: "All at once.", toolCalls: callsOf(name) };
    case "steps":
      return request.toolResults.length >= 4
        ? done
        : { text: "One more.", toolCalls: [{ name: "read", input: { path: "notes.txt" } }] };
    case "approve":
      return request.toolResults.length > 0
        ? done
        : {
            text: "This needs a word.",
            toolCalls: [{ name: "write", input: { path: ".vscode/tasks.json", content: `{"name":"${name}"}\n` } }],
          };
    case "overflow":
      return JSON.stringify(request.body["messages"]).length > 60_000 ? TOO_LONG : done;
    default:
      return done;
  }
}

/** The file to which each command of a "tools" message adds its line, once, when it runs. */
export const LEDGER = "ledger.txt";

const TOO_LONG: Turn = {
  fault: { kind: "status", status: 400, message: "prompt is too long: 250000 tokens > 200000 maximum" },
};

function callsOf(name: string) {
  const command = (part: string) => `sleep 0.1; echo ${name}-${part} >> ${LEDGER}; sleep 0.1`;
  return [
    { name: "exec", input: { command: command("one") } },
    { name: "read", input: { path: "notes.txt" } },
    { name: "exec", input: { command: command("two") } },
    { name: "write", input: { path: `${name}.txt`, content: name } },
  ];
}
