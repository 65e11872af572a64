import { expect } from "vitest";
import { errorAnswerShape } from "../../src/gateway/shapes/error.ts";
import { routeTable } from "../../src/gateway/routeTable.ts";

/** Fails unless the body is exactly what the route's schema, or that of errors, says. */
export function checkAnswer(name: string, status: number, body: unknown): void {
  const schema = status >= 400 ? errorAnswerShape : routeTable.find((route) => route.name === name)!.output;
  const result = schema.safeParse(body);
  expect(result.error?.issues ?? [], `${name} ${status} ${JSON.stringify(body)}`).toEqual([]);
}
