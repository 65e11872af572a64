import { isObject } from "./keywords.ts";
import { matchesFormat } from "./formats.ts";
import { canonical, lengthOf, shown, typeOf } from "./jsonWords.ts";
import type { JsonSchema, ReadSchema, SchemaFault } from "./readSchema.ts";
import { deeper, type Steps, take } from "./steps.ts";

/** What was found, and which members of the value some schema has looked at. */
interface Matched {
  faults: Fault[];
  seen: Set<string | number>;
}

interface Fault extends SchemaFault {
  /** It tells kinds apart: by a value, or by the type of the whole. */
  tells?: "value" | "type" | undefined;
}

// Of a list of ten thousand wrong items the first ones say enough.
const ENOUGH = 40;

/** One check of a value: what it goes by, and what it may still cost. */
interface Check {
  read: ReadSchema;
  steps: Steps;
  /** Values of each `enum` as they are compared, once they were needed. */
  enums: WeakMap<unknown[], Set<string>>;
}

/** A schema over a value at its place, with what was found there so far. */
interface At extends Matched {
  check: Check;
  schema: JsonSchema;
  value: unknown;
  path: (string | number)[];
}

/** Holds a value against a schema, keyword by keyword. */
export function faultsOf(read: ReadSchema, steps: Steps, value: unknown): Fault[] {
  return match({ read, steps, enums: new WeakMap() }, read.root, value, []).faults;
}

function match(check: Check, schema: JsonSchema | boolean, value: unknown, path: (string | number)[]): Matched {
  return deeper(check.steps, () => matchAt(check, schema, value, path));
}

function matchAt(check: Check, schema: JsonSchema | boolean, value: unknown, path: (string | number)[]): Matched {
  take(check.steps);
  const seen = new Set<string | number>();
  if (typeof schema === "boolean")
    return { faults: schema ? [] : [{ path: path.join("."), message: "Nothing may stand here" }], seen };
  // OpenAPI 3.0 writes so what may be null as well, and so does OpenAI's SDK, beside an `allOf` too.
  if (value === null && schema.nullable === true) return { faults: [], seen };
  const faults: Fault[] = [];
  const at: At = { check, schema, value, path, seen, faults };
  plain(at);
  if (typeof value === "number") ofNumber(at);
  else if (typeof value === "string") ofText(at);
  else if (Array.isArray(value)) ofList(at, value);
  else if (isObject(value)) ofObject(at, value);
  combined(at);
  if (check.read.tracks) unevaluated(at);
  return { faults, seen };
}

function say({ faults, path }: At, message: string, tells?: Fault["tells"]): void {
  if (faults.length < ENOUGH) faults.push({ path: path.join("."), message, tells });
}

/** Holds a member against a schema. */
function member(at: At, name: string | number, value: unknown, schema: JsonSchema | boolean): void {
  at.seen.add(name);
  if (at.faults.length < ENOUGH) at.faults.push(...match(at.check, schema, value, [...at.path, name]).faults);
}

/** Holds the value itself against another schema as well; what that one looked at counts when it fits. */
function also(at: At, schema: JsonSchema | boolean): Fault[] {
  const { faults, seen } = match(at.check, schema, at.value, at.path);
  if (faults.length === 0) for (const name of seen) at.seen.add(name);
  return faults;
}

function compared({ steps }: Check, value: unknown): string {
  const text = canonical(value);
  take(steps, Math.ceil(text.length / 4));
  return text;
}

function plain(at: At): void {
  const { check, schema, value } = at;
  if (schema.type !== undefined) {
    const types = [schema.type].flat() as string[];
    const isOne = types.some((type) => type === typeOf(value) || (type === "integer" && Number.isInteger(value)));
    if (!isOne) say(at, `Expected ${types.join(" or ")}, got ${shown(value)}`, "type");
  }
  if (schema.enum !== undefined) {
    const list = schema.enum as unknown[];
    const known = check.enums.get(list) ?? new Set(list.map((one) => compared(check, one)));
    check.enums.set(list, known);
    if (!known.has(compared(check, value)))
      say(
        at,
        `Expected one of ${list.slice(0, 10).map(shown).join(", ")}${list.length > 10 ? ", ..." : ""}, got ${shown(value)}`,
      );
  }
  if ("const" in schema && compared(check, schema.const) !== compared(check, value))
    say(at, `Expected ${shown(schema.const)}, got ${shown(value)}`, "value");
}

function ofNumber(at: At): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = at.schema as Record<string, number>;
  const value = at.value as number;
  if (minimum !== undefined && value < minimum) say(at, `Expected at least ${minimum}, got ${value}`);
  if (maximum !== undefined && value > maximum) say(at, `Expected at most ${maximum}, got ${value}`);
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum)
    say(at, `Expected more than ${exclusiveMinimum}, got ${value}`);
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum)
    say(at, `Expected less than ${exclusiveMaximum}, got ${value}`);
  if (multipleOf !== undefined && !isMultiple(value, multipleOf))
    say(at, `Expected a multiple of ${multipleOf}, got ${value}`);
}

function ofText(at: At): void {
  const { minLength, maxLength, pattern, format } = at.schema as Record<string, never>;
  const value = at.value as string;
  take(at.check.steps, Math.ceil(value.length / 4));
  if (minLength !== undefined && lengthOf(value) < minLength) say(at, `Expected at least ${minLength} characters`);
  if (maxLength !== undefined && lengthOf(value) > maxLength) say(at, `Expected at most ${maxLength} characters`);
  if (pattern !== undefined && !at.check.read.patterns.get(pattern)!.test(value, at.check.steps))
    say(at, `Expected a text that matches ${pattern as string}, got ${shown(value)}`);
  if (format !== undefined && !matchesFormat(format, value))
    say(at, `Expected a ${format as string}, got ${shown(value)}`);
}

function ofList(at: At, list: unknown[]): void {
  const { schema } = at;
  const isOld = Array.isArray(schema.items);
  const first = (isOld ? schema.items : (schema.prefixItems ?? [])) as JsonSchema[];
  const rest = (isOld ? schema.additionalItems : schema.items) as JsonSchema | boolean | undefined;
  for (const [index, item] of list.entries()) {
    if (at.faults.length >= ENOUGH) return;
    const own = index < first.length ? first[index] : rest;
    if (own !== undefined) member(at, index, item, own);
  }
  const { minItems, maxItems, uniqueItems, contains } = schema as Record<string, never>;
  if (minItems !== undefined && list.length < minItems)
    say(at, `Expected at least ${minItems} items, got ${list.length}`);
  if (maxItems !== undefined && list.length > maxItems)
    say(at, `Expected at most ${maxItems} items, got ${list.length}`);
  if (uniqueItems && new Set(list.map((one) => compared(at.check, one))).size < list.length)
    say(at, "Expected no item twice");
  if (contains !== undefined) holding(at, list, contains);
}

function holding(at: At, list: unknown[], contains: JsonSchema | boolean): void {
  const { minContains = 1, maxContains } = at.schema as { minContains?: number; maxContains?: number };
  const fitting = list.flatMap((item, index) =>
    match(at.check, contains, item, []).faults.length === 0 ? [index] : [],
  );
  for (const index of fitting) at.seen.add(index);
  if (fitting.length < minContains)
    say(at, `Expected at least ${minContains} items of a kind that ${fitting.length} are of`);
  if (maxContains !== undefined && fitting.length > maxContains)
    say(at, `Expected at most ${maxContains} items of a kind that ${fitting.length} are of`);
}

function ofObject(at: At, value: Record<string, unknown>): void {
  const schema = at.schema as Record<string, never> & { properties?: Record<string, JsonSchema | boolean> };
  const { properties = {}, additionalProperties, minProperties, maxProperties, propertyNames } = schema;
  const patterns = Object.entries((schema.patternProperties ?? {}) as Record<string, JsonSchema | boolean>);
  const names = Object.keys(value);
  take(at.check.steps, ((schema.required ?? []) as string[]).length);
  for (const name of names) {
    if (at.faults.length >= ENOUGH) return;
    take(at.check.steps);
    const isOwn = Object.hasOwn(properties, name);
    if (isOwn) member(at, name, value[name], properties[name]!);
    const fitting = patterns.filter(([source]) => at.check.read.patterns.get(source)!.test(name, at.check.steps));
    for (const [, own] of fitting) member(at, name, value[name], own);
    if (additionalProperties !== undefined && !isOwn && fitting.length === 0) {
      if ((additionalProperties as unknown) === false) {
        at.seen.add(name);
        say(at, `${JSON.stringify(name.slice(0, 100))} is none of its properties${named(Object.keys(properties))}`);
      } else member(at, name, value[name], additionalProperties);
    }
    if (propertyNames !== undefined && match(at.check, propertyNames, name, []).faults.length > 0)
      say(at, `${JSON.stringify(name.slice(0, 100))} is no name that a property may have here`);
  }
  for (const name of (schema.required ?? []) as string[])
    if (!Object.hasOwn(value, name)) say(at, `The property ${JSON.stringify(name)} is missing`);
  if (minProperties !== undefined && names.length < minProperties)
    say(at, `Expected at least ${minProperties} properties`);
  if (maxProperties !== undefined && names.length > maxProperties)
    say(at, `Expected at most ${maxProperties} properties`);
  depending(at, value);
}

function depending(at: At, value: Record<string, unknown>): void {
  const { dependentRequired, dependentSchemas, dependencies } = at.schema;
  for (const [name, asked] of Object.entries({ ...(dependencies as object), ...(dependentRequired as object) }))
    if (Array.isArray(asked) && Object.hasOwn(value, name))
      for (const other of asked as string[])
        if (!Object.hasOwn(value, other))
          say(at, `With ${JSON.stringify(name)} the property ${JSON.stringify(other)} is needed`);
  for (const [name, own] of Object.entries({ ...(dependencies as object), ...(dependentSchemas as object) }))
    if (!Array.isArray(own) && Object.hasOwn(value, name)) at.faults.push(...also(at, own as JsonSchema));
}

function combined(at: At): void {
  const { schema } = at;
  if (typeof schema.$ref === "string") at.faults.push(...also(at, at.check.read.refs.get(schema.$ref)!));
  for (const one of (schema.allOf ?? []) as JsonSchema[]) at.faults.push(...also(at, one));
  if (schema.anyOf !== undefined) {
    const tried = (schema.anyOf as JsonSchema[]).map((one) => also(at, one));
    if (tried.every((faults) => faults.length > 0)) nearest(at, tried);
  }
  if (schema.oneOf !== undefined) {
    const tried = (schema.oneOf as JsonSchema[]).map((one) => also(at, one));
    const fitting = tried.filter((faults) => faults.length === 0).length;
    if (fitting === 0) nearest(at, tried);
    if (fitting > 1) say(at, `Expected exactly one of ${tried.length} kinds, and it is of ${fitting}`);
  }
  if (schema.not !== undefined && match(at.check, schema.not as JsonSchema, at.value, at.path).faults.length === 0)
    say(at, "Expected anything but what it is");
  if (schema.if !== undefined) {
    const branch = also(at, schema.if as JsonSchema).length === 0 ? schema.then : schema.else;
    if (branch !== undefined) at.faults.push(...also(at, branch as JsonSchema));
  }
}

/** Tells what is wrong with the kind that it comes closest to. */
function nearest(at: At, tried: Fault[][]): void {
  const own = at.path.join(".");
  const others = (faults: Fault[]) =>
    faults.filter(({ tells, path }) => tells === "value" || (tells === "type" && path === own)).length;
  const [best = []] = tried.toSorted((a, b) => others(a) - others(b) || a.length - b.length);
  say(at, `It is of none of the ${tried.length} kinds that may stand here`);
  at.faults.push(...best.slice(0, 5));
}

function unevaluated(at: At): void {
  const { schema, value } = at;
  if (Array.isArray(value) && schema.unevaluatedItems !== undefined)
    for (const [index, item] of value.entries())
      if (!at.seen.has(index)) member(at, index, item, schema.unevaluatedItems as JsonSchema);
  if (isObject(value) && schema.unevaluatedProperties !== undefined)
    for (const [name, own] of Object.entries(value))
      if (!at.seen.has(name)) member(at, name, own, schema.unevaluatedProperties as JsonSchema);
}

function named(names: string[]): string {
  return names.length === 0 ? "" : ` (${names.slice(0, 20).join(", ")}${names.length > 20 ? ", ..." : ""})`;
}

/** Decimal fractions are not exact: 0.3 is a multiple of 0.1 all the same. */
function isMultiple(value: number, of: number): boolean {
  const times = value / of;
  if (!Number.isFinite(times)) return value % of === 0;
  return Math.abs(times - Math.round(times)) <= Math.abs(times) * Number.EPSILON * 4;
}
