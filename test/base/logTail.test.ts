import { expect, test } from "vitest";
import { type Log, silentLog } from "../../src/base/log.ts";
import { createLogTail } from "../../src/base/logTail.ts";
import { createRedactor } from "../../src/base/redact.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";

test("neither what is kept nor what is passed on holds a secret that is known", () => {
  const redactor = createRedactor();
  redactor.add("key-of-openclaw-yml");
  const passed: unknown[] = [];
  const sink: Log = { ...silentLog, warn: (message, fields) => void passed.push({ message, fields }) };
  const log = createLogTail(sink, { clock: createFakeClock(), redactor });
  log.warn("refused: key-of-openclaw-yml", { error: "it was key-of-openclaw-yml" });
  log.warn("plain");
  const clean = { message: "refused: [redacted]", fields: { error: "it was [redacted]" } };
  expect(passed).toEqual([clean, { message: "plain", fields: undefined }]);
  expect(log.tail(9)).toMatchObject([clean, { message: "plain" }]);
});
