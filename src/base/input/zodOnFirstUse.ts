import * as zod from "zod/v4";

// What the built program has for "zod": a schema is made when something is first asked of it, which most of the thousands
// that a start would make never are. Their types are zod's own.

export * from "zod/v4";

type Schema = Record<PropertyKey, unknown>;
type Maker = (...args: never[]) => unknown;

/** A schema to be: how it is made until it is, and from then on the one that was made. */
class Later {
  #make: (() => unknown) | undefined;
  #made: Schema | undefined;

  constructor(make: () => unknown) {
    this.#make = make;
  }

  static made(later: Later): Schema {
    if (later.#made === undefined) {
      later.#made = later.#make!() as Schema;
      later.#make = undefined;
    }
    return later.#made;
  }
}

/** What makes a schema of another; that one need not be made for it yet. */
const METHODS =
  "array catch catchall date datetime default describe endsWith extend int length max min nonnegative nullable nullish " +
  "optional partial pipe positive prefault refine regex startsWith superRefine toLowerCase transform trim";
for (const name of METHODS.split(" "))
  Object.defineProperty(Later.prototype, name, {
    value(this: Later, ...args: unknown[]) {
      return new Later(() => (Later.made(this)[name] as (...args: unknown[]) => unknown)(...args.map(made)));
    },
  });

// Whatever else is asked of it, the schema answers; what any schema has, it has.
const any = zod.any();
Object.setPrototypeOf(
  Later.prototype,
  new Proxy(
    {},
    {
      get: (_, key, later) => (later instanceof Later ? Later.made(later)[key] : undefined),
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

/** The same function of zod, which makes its schema when something is asked of it. */
function later<F extends Maker>(make: F): F {
  return ((...args: unknown[]) => new Later(() => make(...(args.map(made) as never[])))) as unknown as F;
}

/** The same function of zod, for what was not made yet as well. */
function withMade<F extends Maker>(call: F): F {
  return ((...args: unknown[]) => call(...(args.map(made) as never[]))) as unknown as F;
}

export const array = later(zod.array);
export const base64url = later(zod.base64url);
export const boolean = later(zod.boolean);
export const discriminatedUnion = later(zod.discriminatedUnion);
export const int = later(zod.int);
export const literal = later(zod.literal);
export const looseObject = later(zod.looseObject);
export const number = later(zod.number);
export const object = later(zod.object);
export const record = later(zod.record);
export const strictObject = later(zod.strictObject);
export const string = later(zod.string);
export const union = later(zod.union);
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
