import { isAppError } from "../../base/appError.ts";
import type { ModelChoice, ModelCatalog } from "./catalog.ts";
import { mayFallBack } from "../ports/providerFault.ts";

/** The models one run may ask, in order. It stays with the one it came to, so that what that one has cached is of use. */
export interface Fallbacks {
  current(): Promise<ModelChoice>;
  /** Moves on to the next model; undefined when there is none, or when no other one would mend this error. */
  after(error: unknown): Promise<ModelChoice | undefined>;
}

/** Those for which `isPassedOver` resolves with true are not gone on with; the first is for whoever asked to say. */
export function createFallbacks(
  first: string,
  models: ModelCatalog,
  others: () => string[],
  isPassedOver: (choice: ModelChoice) => Promise<boolean>,
): Fallbacks {
  const tried: string[] = [];
  let model = first;
  let choice: Promise<ModelChoice> | undefined;
  const current = (): Promise<ModelChoice> => (choice ??= models.choice(model));

  const next = async (): Promise<ModelChoice | undefined> => {
    for (const name of others()) {
      const found = await askable(name, models);
      if (found === undefined || tried.includes(found.model)) continue;
      if (!(await isPassedOver(found))) return found;
      tried.push(found.model);
    }
    return undefined;
  };

  return {
    current,
    async after(error) {
      if (!mayFallBack(error)) return undefined;
      tried.push(model);
      const found = await next();
      if (found === undefined) return undefined;
      model = found.model;
      choice = Promise.resolve(found);
      return found;
    },
  };
}

/** A model in the list that nobody offers any more, or another process alone, is passed over: it must not end a run that others could do. */
async function askable(name: string, models: ModelCatalog): Promise<ModelChoice | undefined> {
  try {
    return await models.choice(await models.resolve(name));
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}
