import * as zod from "zod/v4";

// What the built program has for "zod": a schema is made when something is first asked of it, which most of the thousands
// that a start would make never are. Their types are zod's own.

export * from "zod/v4";

type Schema = Record<PropertyKey, unknown>;
type Maker = (...args: never[]) => unknown;

/** What of a schema can be said before it is made. */
interface Known {
  shape?: object;
  options?: unknown;
  description?: unknown;
}

const NOTHING: Known = {};
// What may be absent has no description of its own.
const UNDESCRIBED: Known = { description: undefined };

/** A schema to be: how it is made until it is, and from then on the one that was made. */
class Later {
  #make: (() => unknown) | undefined;
  #made: Schema | undefined;
  readonly #known: Known;

  constructor(make: () => unknown, known: Known = NOTHING) {
    this.#make = make;
    this.#known = known;
  }

  static known(later: Later): Known {
    return later.#known;
  }

  static get(later: Later, key: PropertyKey): unknown {
    return later.#made === undefined && Object.hasOwn(later.#known, key)
      ? later.#known[key as keyof Known]
      : Later.made(later)[key];
  }

  static made(later: Later): Schema {
    if (later.#made === undefined) {
      later.#made = later.#make!() as Schema;
      later.#make = undefined;
    }
    return later.#made;
  }
}

/** What is known of a schema that one of these methods makes. */
const KNOWN_OF = new Map<string, (of: Known, arg: unknown) => Known>([
  ["nullable", () => UNDESCRIBED],
  ["nullish", () => UNDESCRIBED],
  ["optional", () => UNDESCRIBED],
  ["describe", (of, description) => ({ ...of, description })],
  ["extend", ({ shape }, more) => (shape ? { shape: { ...shape, ...(more as object) } } : NOTHING)],
  [
    "omit",
    ({ shape }, mask) => (shape ? { shape: fieldsOf(shape, (key) => !Object.hasOwn(mask as object, key)) } : NOTHING),
  ],
  ["partial", ({ shape }, mask) => (shape && mask === undefined ? { shape: allOptional(shape) } : NOTHING)],
  [
    "pick",
    ({ shape }, mask) => (shape ? { shape: fieldsOf(shape, (key) => Object.hasOwn(mask as object, key)) } : NOTHING),
  ],
  ["refine", ({ shape }) => (shape ? { shape } : NOTHING)],
  ["superRefine", ({ shape }) => (shape ? { shape } : NOTHING)],
]);

function allOptional(shape: object): object {
  return Object.fromEntries(
    Object.entries(shape).map(([key, field]: [string, zod.ZodType]) => [key, field.optional()]),
  );
}

function fieldsOf(shape: object, isAmong: (key: string) => boolean): object {
  return Object.fromEntries(Object.entries(shape).filter(([key]) => isAmong(key)));
}

/** What makes a schema of another; that one need not be made for it yet. */
const METHODS =
  "array catch catchall date datetime default describe endsWith extend int length max min nonnegative nullable nullish " +
  "omit optional partial pick pipe positive prefault refine regex startsWith superRefine toLowerCase transform trim";
for (const name of METHODS.split(" "))
  Object.defineProperty(Later.prototype, name, {
    value(this: Later, ...args: unknown[]) {
      return new Later(
        () => (Later.made(this)[name] as (...args: unknown[]) => unknown)(...args.map(made)),
        KNOWN_OF.get(name)?.(Later.known(this), args[0]),
      );
    },
  });

// Whatever else is asked of it, the schema answers; what any schema has, it has.
const any = zod.any();
Object.setPrototypeOf(
  Later.prototype,
  new Proxy(
    {},
    {
      get: (_, key, later) => (later instanceof Later ? Later.get(later, key) : undefined),
      has: (_, key) => key in any,
    },
  ),
);

/** The same, with every schema in it made: zod never meets one that is not. */
function made(value: unknown): unknown {
  if (value instanceof Later) return Later.made(value);
  if (Array.isArray(value)) return value.map(made);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, made(item)]));
}

/** The same function of zod, which makes its schema when something is asked of it but what is known from what it is given. */
function later<F extends Maker>(make: F, known?: (...args: never[]) => Known): F {
  return ((...args: unknown[]) =>
    new Later(() => make(...(args.map(made) as never[])), known?.(...(args as never[])))) as unknown as F;
}

/** The fields of an object, of which others are made of in many places. */
const ofShape = (shape: object = {}): Known => ({ shape });

/** The same function of zod, for what was not made yet as well. */
function withMade<F extends Maker>(call: F): F {
  return ((...args: unknown[]) => call(...(args.map(made) as never[]))) as unknown as F;
}

export const array = later(zod.array);
export const base64url = later(zod.base64url);
export const boolean = later(zod.boolean);
export const discriminatedUnion = later(zod.discriminatedUnion, (_key: string, options: unknown) => ({ options }));
export const int = later(zod.int);
export const literal = later(zod.literal);
export const looseObject = later(zod.looseObject, ofShape);
export const number = later(zod.number);
export const object = later(zod.object, ofShape);
export const record = later(zod.record);
export const strictObject = later(zod.strictObject, ofShape);
export const string = later(zod.string);
export const union = later(zod.union, (options: unknown) => ({ options }));
export const unknown = later(zod.unknown);
export const url = later(zod.url);
const anyOf = later(zod.enum);
const nothing = later(zod.null);
export { anyOf as enum, nothing as null };
export const coerce = { number: later(zod.coerce.number) };
export const iso = { date: later(zod.iso.date), datetime: later(zod.iso.datetime) };
export const toJSONSchema = withMade(zod.toJSONSchema);

/** Names of schemas, which those that were not made yet may have as well. */
export const registry: typeof zod.registry = () => {
  const names = zod.registry();
  return Object.assign(names, { add: withMade(names.add.bind(names)) }) as never;
};
