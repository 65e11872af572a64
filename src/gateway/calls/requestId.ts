const start = Date.now().toString(36);
let count = 0;

/** Names one request in its answer and in the log. Need not be hard to guess, so it costs nothing. */
export function newRequestId(): string {
  count += 1;
  return `req_${start}_${count.toString(36)}`;
}
