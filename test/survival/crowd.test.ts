import { expect, test } from "vitest";
import { meetCrowd } from "./crowd.ts";

test("two hundred clients at once are all answered", async () => {
  const { byStatus } = await meetCrowd(200);
  expect(byStatus).toEqual({ 200: 600 });
});
