import { AjvJsonSchemaValidator } from "@modelcontextprotocol/server/validators/ajv";
import { expect } from "vitest";
import { toOpenApi } from "../../src/gateway/docs/openapi.ts";
import { eventShapes } from "../../src/gateway/docs/eventShapes.ts";
import { routeTable } from "../../src/gateway/routes/routeTable.ts";
import { errorAnswerShape } from "../../src/protocol/error.ts";

type Validate = (value: unknown) => { valid: boolean; errorMessage?: string | undefined };

const document = toOpenApi(routeTable, "test") as {
  paths: Record<string, Record<string, { operationId: string; responses: Record<string, Response> }>>;
  components: { schemas: Record<string, object> };
};
interface Response {
  content?: Record<string, { schema: object }>;
}

const ajv = new AjvJsonSchemaValidator();
const validators = new Map<string, Validate>();

/** Fails unless the body is exactly what the route's schema, or that of errors, says, in zod and in /openapi.json. */
export function checkAnswer(name: string, status: number, body: unknown): void {
  const words = `${name} ${status} ${JSON.stringify(body)}`;
  const schema = status >= 400 ? errorAnswerShape : routeTable.find((route) => route.name === name)!.output;
  expect(schema.safeParse(body).error?.issues ?? [], words).toEqual([]);
  // Routes without HTTP have no operation.
  expect(validatorOf(name, status)?.(body).errorMessage, words).toBeUndefined();
}

/** Fails unless an event is exactly what the schema of its type says, in zod and in /openapi.json. */
export function checkEvent(event: { type: string }): void {
  const words = JSON.stringify(event);
  const named = Object.entries(eventShapes).find(([, schema]) => schema.shape.type.value === event.type);
  expect(named?.[0], words).toBeDefined();
  const [name, schema] = named!;
  expect(schema.safeParse(event).error?.issues ?? [], words).toEqual([]);
  if (!validators.has(name)) validators.set(name, compile({ $ref: `#/components/schemas/${name}` }));
  expect(validators.get(name)!(event).errorMessage, words).toBeUndefined();
}

function compile(schema: object): Validate {
  const whole = JSON.stringify({ ...schema, $defs: document.components.schemas });
  return ajv.getValidator(JSON.parse(whole.replaceAll("#/components/schemas/", "#/$defs/")));
}

function validatorOf(name: string, status: number): Validate | undefined {
  const key = `${name} ${status}`;
  if (!validators.has(key)) {
    const operations = Object.values(document.paths).flatMap((verbs) => Object.values(verbs));
    const operation = operations.find(({ operationId }) => operationId === name);
    if (!operation) return undefined;
    const schema = operation.responses[String(status)]?.content?.["application/json"]?.schema;
    if (!schema) throw new Error(`/openapi.json says nothing of ${key}`);
    validators.set(key, compile(schema));
  }
  return validators.get(key);
}
