import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { relay } from "../../../src/gateway/compat/relay.ts";

test("a reader that leaves with what it was told in its hands holds up no work, and what is told then is taken at once", async () => {
  const done: string[] = [];
  const batches = relay<number>(async (tell) => {
    await Promise.all([tell(1), tell(2)]);
    done.push("two");
    await tell(3);
    done.push("one more");
  });
  expect(await batches.next()).toEqual({ done: false, value: [1, 2] });
  await batches.return(undefined);
  await setImmediate();
  expect(done).toEqual(["two", "one more"]);
});
