import * as zod from "zod/v4";
import { expect, onTestFinished, test } from "vitest";
import * as z from "../../../src/base/input/zodOnFirstUse.ts";

/** How many schemas zod makes from here on. */
function counting(): () => number {
  let count = 0;
  const config = zod.config() as { postProcessor?: (schema: unknown) => void };
  config.postProcessor = () => (count += 1);
  onTestFinished(() => void delete config.postProcessor);
  return () => count;
}

const declare = (from: typeof zod) => {
  const id = from.string().min(1).max(20).describe("Which one.");
  const place = from.discriminatedUnion("kind", [
    from.strictObject({ kind: from.literal("home") }),
    from.looseObject({ kind: from.literal("at"), at: from.iso.datetime() }),
  ]);
  return from
    .strictObject({
      id,
      place: place.optional(),
      tags: from.array(from.enum(["a", "b"])).default(["a"]),
      counts: from.record(from.string(), from.coerce.number().int()).prefault({}),
      odd: from.union([from.null(), from.number().refine((value) => value % 2 === 1, "It is even")]).nullish(),
    })
    .extend({ more: from.object({ url: from.url() }).partial().catchall(from.unknown()).optional() });
};

const inputs = [
  {},
  { id: "x" },
  { id: "x", place: { kind: "at", at: "2030-01-01T00:00:00Z", more: 1 }, counts: { a: "3" }, odd: 3, more: { b: 1 } },
  { id: "", place: { kind: "away" }, tags: ["c"], counts: { a: "x" }, odd: 2, more: { url: "x" }, other: 1 },
];

test("schemas are made when something is first asked of one, and then once", () => {
  const made = counting();
  const schema = declare(z as typeof zod);
  expect(made()).toBe(0);
  schema.safeParse({ id: "x" });
  const once = made();
  expect(once).toBeGreaterThan(20);
  schema.safeParse({ id: "y" });
  expect(schema.shape.id.description).toBe("Which one.");
  expect(made()).toBe(once);
});

test("what a schema was declared with is told without making it, and is what zod tells", () => {
  const made = counting();
  const told = (from: typeof zod) => {
    const fields = from.strictObject({ id: from.string().describe("Which one."), at: from.number(), to: from.int() });
    const more = fields.extend({ kind: from.literal("x") }).describe("All of it.");
    const choice = from.discriminatedUnion("kind", [more, from.object({ kind: from.literal("y") })]);
    const count = made();
    const said = [
      Object.keys(fields.shape),
      Object.keys(more.shape),
      Object.keys(fields.omit({ at: true }).shape),
      Object.keys(fields.pick({ at: true }).refine(() => true).shape),
      Object.keys(fields.partial().shape),
      fields.shape.at.optional().description,
      Object.keys(fields.pick({ at: true }).partial().shape),
      more.description,
      more.shape.id.description,
      choice.options.length,
      choice.options[0].description,
      from.union([fields, from.null()]).options.length,
    ];
    return {
      said,
      made: made() - count,
      ofFields: from.strictObject({ at: fields.shape.at }).safeParse({ at: 1 }).success,
    };
  };
  const own = told(zod);
  expect(told(z as typeof zod)).toEqual({ ...own, made: 0 });
  expect(own.made).toBeGreaterThan(3);
});

test("what is not known of a schema makes it", () => {
  expect(z.string().describe("A").min(1).description).toBe(zod.string().describe("A").min(1).description);
  expect(z.object({ id: z.string() }).describe("A").optional().description).toBe(
    zod.object({ id: zod.string() }).describe("A").optional().description,
  );
});

test("they take, refuse and tell what zod's own do", () => {
  const [later, own] = [declare(z as typeof zod), declare(zod)];
  for (const input of inputs) {
    const [got, expected] = [later.safeParse(input), own.safeParse(input)];
    expect(got.data).toEqual(expected.data);
    expect(got.error?.issues).toEqual(expected.error?.issues);
  }
  expect(z.toJSONSchema(later)).toEqual(zod.toJSONSchema(own));
  const names = (from: typeof zod, schema: zod.ZodType) => {
    const registry = from.registry<{ id?: string }>();
    registry.add(schema, { id: "Named" });
    return from.toJSONSchema(from.array(schema), { metadata: registry });
  };
  expect(names(z as typeof zod, declare(z as typeof zod))).toEqual(names(zod, own));
});

test("to whoever looks at one, it is one", () => {
  const later = (z as typeof zod).object({ a: z.string() });
  expect(later).toBeInstanceOf(zod.ZodObject);
  expect(later).not.toBeInstanceOf(zod.ZodArray);
  expect("_zod" in later && "~standard" in later && !("nothing" in later)).toBe(true);
  expect(zod.array(later).parse([{ a: "x" }])).toEqual([{ a: "x" }]);
});
