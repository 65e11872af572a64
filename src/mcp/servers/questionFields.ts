import { defined } from "../../base/defined.ts";
import { visibleLine } from "../../base/text/visible.ts";
import type { McpAnswer, McpField } from "../../protocol/mcp.ts";

const MOST_FIELDS = 50;
const FORMATS = ["email", "uri", "date", "date-time"] as const;

/** The fields of a form by its schema: texts, numbers, yes or no, and choices. */
export function toFields(schema: Record<string, unknown>): McpField[] {
  const required = Array.isArray(schema["required"]) ? (schema["required"] as unknown[]) : [];
  return Object.entries(propertiesOf(schema))
    .slice(0, MOST_FIELDS)
    .map(([name, property]) => {
      const { title, description } = property;
      const options = toOptions(property) ?? toOptions((property.items ?? {}) as Property);
      const kind = kindOf(property, options !== undefined);
      return {
        name,
        kind,
        title: visibleLine(typeof title === "string" ? title : name, 100),
        required: required.includes(name),
        ...defined({
          description: typeof description === "string" ? visibleLine(description, 300) : undefined,
          options,
          ...limitsOf(property, kind),
          default: options && !Array.isArray(property.default) ? textOf(property.default) : property.default,
        }),
      } satisfies McpField;
    });
}

type Values = NonNullable<McpAnswer["content"]>;

/** What the fields have that are left out. */
export function defaultsOf(schema: Record<string, unknown>): Values {
  return Object.fromEntries(
    Object.entries(propertiesOf(schema)).flatMap(([name, one]) =>
      one.default === undefined ? [] : [[name, one.default as Values[string]]],
    ),
  );
}

/** An answer with what was chosen as the schema has it: a choice may be of numbers, and is given as text. */
export function toValues(schema: Record<string, unknown>, content: Values): Values {
  const properties = propertiesOf(schema);
  return Object.fromEntries(
    Object.entries(content).map(([name, value]) => {
      const choices = Object.hasOwn(properties, name) ? choicesOf(properties[name]!) : undefined;
      const chosen = choices?.find((one) => String(one) === value);
      return [name, (chosen ?? value) as Values[string]];
    }),
  );
}

function choicesOf({ enum: values, oneOf, anyOf }: Property): unknown[] | undefined {
  const named = [oneOf, anyOf].find(Array.isArray) as { const?: unknown }[] | undefined;
  return named?.map((one) => one.const) ?? (Array.isArray(values) ? values : undefined);
}

function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value);
}

interface Property {
  [keyword: string]: unknown;
}

function kindOf({ type }: Property, hasOptions: boolean): McpField["kind"] {
  if (hasOptions) return type === "array" ? "choices" : "choice";
  if (type === "boolean") return "boolean";
  return type === "number" || type === "integer" ? "number" : "text";
}

/** What a value is held to, in the words of its kind. What the schema has of another type is no limit. */
function limitsOf(property: Property, kind: McpField["kind"]): Partial<McpField> {
  const limit = (keyword: string) => {
    const value = property[keyword];
    return typeof value === "number" && Number.isFinite(value) ? value : undefined;
  };
  switch (kind) {
    case "text":
      return {
        format: FORMATS.find((format) => format === property["format"]),
        min: limit("minLength"),
        max: limit("maxLength"),
      };
    case "number":
      return {
        whole: property["type"] === "integer" ? true : undefined,
        min: limit("minimum"),
        max: limit("maximum"),
      };
    case "choices":
      return { min: limit("minItems"), max: limit("maxItems") };
    default:
      return {};
  }
}

function toOptions({ enum: values, enumNames, oneOf, anyOf }: Property): McpField["options"] {
  const named = [oneOf, anyOf].find(Array.isArray) as { const?: unknown; title?: unknown }[] | undefined;
  if (named)
    return named.map((one) => ({ value: String(one.const), title: visibleLine(String(one.title ?? one.const), 100) }));
  if (!Array.isArray(values)) return undefined;
  const names = Array.isArray(enumNames) ? enumNames : [];
  return values.map((value, at) => ({ value: String(value), title: visibleLine(String(names[at] ?? value), 100) }));
}

function propertiesOf({ properties }: Record<string, unknown>): Record<string, Property> {
  return (typeof properties === "object" && properties !== null ? properties : {}) as Record<string, Property>;
}
