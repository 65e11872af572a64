import type * as z from "zod";
import type { AnyRoute } from "../calls/route.ts";
import * as all from "./index.ts";

type Table = (typeof all)[keyof typeof all];

/** Name of each route with what goes in and what comes out, for `createClient<Routes>` (types only). */
export type Routes = {
  [R in Table as R["name"]]: { input: z.input<R["input"]>; output: z.output<R["output"]> };
};

/** Every route there is, by name. */
export const routeTable: AnyRoute[] = (Object.values(all) as unknown as AnyRoute[]).toSorted((a, b) =>
  a.name < b.name ? -1 : 1,
);
