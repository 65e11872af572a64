import { expect, test } from "vitest";
import * as z from "zod";
import type { AppError } from "../../../src/base/appError.ts";
import { parseInput } from "../../../src/base/input/parseInput.ts";

test("of a list of a hundred thousand wrong entries the first twenty are explained, and no more is looked at", () => {
  let read = 0;
  const entry = () => {
    read += 1;
    return 0;
  };
  const list = Array.from({ length: 100_000 });
  const value = {
    kinds: new Proxy(list, { get: (of, key) => (/^\d+$/.test(String(key)) ? entry() : Reflect.get(of, key)) }),
  };
  const schema = z.strictObject({ kinds: z.array(z.enum(["main", "cron"])) });
  let fault: AppError | undefined;
  try {
    parseInput(schema, value);
  } catch (error) {
    fault = error as AppError;
  }
  expect(fault?.details).toHaveLength(20);
  expect(fault?.details?.[19]?.path).toBe("kinds.19");
  // Each once to check it, and those that are told once more.
  expect(read).toBe(list.length + 20);
});
