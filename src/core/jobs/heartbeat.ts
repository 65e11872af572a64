/** What a heartbeat's run is asked, and how its answer is read. */
const NOTHING = "HEARTBEAT_OK";

export function heartbeatText(instructions: string | undefined): string {
  return [
    `This is a heartbeat: nobody is waiting. Look around briefly, with as few tool calls as you can.`,
    instructions ?? "See whether something needs the user's attention.",
    `If nothing does, answer with exactly ${NOTHING}. Otherwise say in a few sentences what it is.`,
  ].join("\n\n");
}

/** What there is to tell of a heartbeat's answer; "" when nothing is. */
export function heartbeatNews(reply: string): string {
  const rest = reply.replaceAll(NOTHING, "");
  const from = rest.search(/[^\s.*`_]/);
  if (from < 0) return "";
  let to = rest.length;
  while (/[\s*`_]/.test(rest[to - 1]!)) to -= 1;
  return rest.slice(from, to);
}
