import { expect, test } from "vitest";
import { toJsonSchema } from "../../src/config/configJsonSchema.ts";
import { schemaKeys } from "../../src/config/schemaKeys.ts";

interface Json {
  description?: string;
  properties?: Record<string, Json>;
  additionalProperties?: Json | boolean;
  items?: Json;
  anyOf?: Json[];
  oneOf?: Json[];
  type?: string;
}

const schema = toJsonSchema() as Json;

test("knows every section, and nothing else", () => {
  expect(Object.keys(schema.properties!)).toEqual(schemaKeys([], {}));
  expect(schema.additionalProperties).toBe(false);
});

test("has a hover text for every key", () => {
  const silent: string[] = [];
  const walk = (json: Json, path: string): void => {
    for (const [key, value] of Object.entries(json.properties ?? {})) {
      if (!value.description && key !== "kind") silent.push(`${path}.${key}`);
      walk(value, `${path}.${key}`);
    }
    if (typeof json.additionalProperties === "object") walk(json.additionalProperties, `${path}.*`);
    if (json.items) walk(json.items, `${path}[]`);
    for (const option of [...(json.anyOf ?? []), ...(json.oneOf ?? [])]) walk(option, path);
  };
  walk(schema, "");
  expect(silent).toEqual([]);
});

test("lets a variable stand for a number, a boolean or a choice", () => {
  const reference = { type: "string", pattern: "^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$" };
  expect(schema.properties!["gateway"]!.properties!["port"]!.anyOf).toEqual([
    { type: "integer", minimum: 0, maximum: 65535 },
    reference,
  ]);
  expect(schema.properties!["browser"]!.properties!["headless"]!.anyOf).toEqual([{ type: "boolean" }, reference]);
  expect(schema.properties!["agent"]!.properties!["approvals"]!.anyOf).toHaveLength(2);
});
