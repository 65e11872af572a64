import type { JsonSchema } from "../../src/gateway/docs/jsonSchema.ts";

interface Operation {
  operationId: string;
  summary: string;
  parameters?: { name: string; in: string; required: boolean; schema: JsonSchema }[];
  requestBody?: { required: boolean; content: Record<string, { schema: JsonSchema }> };
  responses: Record<string, { content?: Record<string, { schema: JsonSchema }> }>;
}

export interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, JsonSchema> };
}

/** examples/typescript/pincerClient.ts: the types of an OpenAPI document's routes, and the client over them. */
export function toClient({ paths, components }: OpenApi, client: string): string {
  const shapes = Object.entries(components.schemas).map(([name, schema]) => `export type ${name} = ${toType(schema)};`);
  const routes = Object.entries(paths).flatMap(([path, verbs]) =>
    Object.entries(verbs).flatMap(([verb, operation]) => {
      const output = operation.responses["200"]?.content?.["application/json"]?.schema;
      if (!output || !path.startsWith("/api/")) return [];
      const lines = [
        `  /** ${operation.summary} */`,
        `  ${JSON.stringify(`${verb.toUpperCase()} ${path}`)}: {`,
        `    input: ${inputOf(operation)};`,
        `    output: ${toType(output)};`,
        "  };",
      ];
      return [lines.join("\n")];
    }),
  );
  return [
    "// Written from the gateway's OpenAPI document by `npm run docs`; changes made here are lost.\n",
    ...shapes,
    `\nexport interface Routes {\n${routes.join("\n")}\n}\n`,
    client,
  ].join("\n");
}

function inputOf({ parameters = [], requestBody }: Operation): string {
  const body = requestBody?.content["application/json"]?.schema;
  if (body) return toType(body);
  const fields = parameters
    .filter((parameter) => parameter.in === "query")
    .map(({ name, required, schema }) => `${JSON.stringify(name)}${required ? "" : "?"}: ${toType(schema)}`);
  return fields.length === 0 ? "Record<never, never>" : `{ ${fields.join("; ")} }`;
}

function toType(schema: JsonSchema | boolean): string {
  if (typeof schema === "boolean") return schema ? "unknown" : "never";
  if (schema.$ref) return schema.$ref.split("/").at(-1)!;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return [...new Set(choices.map((choice) => toType(choice as JsonSchema)))].join(" | ");
  if (schema.allOf) return schema.allOf.map((part) => toType(part as JsonSchema)).join(" & ");
  if (Array.isArray(schema.type))
    return schema.type.map((type) => toType({ ...schema, type } as unknown as JsonSchema)).join(" | ");
  if (schema.type === "object" || schema.properties) return toObject(schema);
  if (schema.type === "array") return `Array<${toType((schema.items ?? true) as JsonSchema)}>`;
  const names: Record<string, string> = {
    string: "string",
    number: "number",
    integer: "number",
    boolean: "boolean",
    null: "null",
  };
  return names[schema.type ?? ""] ?? "unknown";
}

function toObject({ properties = {}, required = [], additionalProperties }: JsonSchema): string {
  const fields = Object.entries(properties).map(
    ([name, field]) => `${JSON.stringify(name)}${required.includes(name) ? "" : "?"}: ${toType(field as JsonSchema)}`,
  );
  if (fields.length > 0) return `{ ${fields.join("; ")} }`;
  return additionalProperties === false
    ? "Record<never, never>"
    : `Record<string, ${toType((additionalProperties ?? true) as JsonSchema)}>`;
}
