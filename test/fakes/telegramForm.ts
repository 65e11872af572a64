/** What a call of the Bot API brings: JSON, or a form with a file. */
export function readTelegramForm(
  type: string,
  body: Buffer,
): { params: Record<string, unknown>; file?: { name: string; data: string } } {
  const border = /boundary=(.+)$/.exec(type)?.[1];
  if (border === undefined)
    return { params: body.length > 0 ? (JSON.parse(body.toString()) as Record<string, unknown>) : {} };
  const params: Record<string, unknown> = {};
  let file: { name: string; data: string } | undefined;
  for (const part of body.toString("latin1").split(`--${border}`).slice(1, -1)) {
    const [head = "", ...rest] = part.replace(/^\r\n/, "").split("\r\n\r\n");
    const data = Buffer.from(rest.join("\r\n\r\n").replace(/\r\n$/, ""), "latin1").toString();
    const name = /name="([^"]*)"/.exec(head)![1]!;
    const filename = /filename="([^"]*)"/.exec(head)?.[1];
    if (filename === undefined) params[name] = data;
    else file = { name: filename, data };
  }
  return { params, ...(file ? { file } : {}) };
}
