import { defined } from "../../base/defined.ts";
import { visibleLine } from "../../base/text/visible.ts";
import type { McpField } from "../../protocol/mcp.ts";

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
          default: property.default,
        }),
      } satisfies McpField;
    });
}

/** What the fields have that are left out. */
export function defaultsOf(schema: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(propertiesOf(schema)).flatMap(([name, one]) =>
      one.default === undefined ? [] : [[name, one.default]],
    ),
  );
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
