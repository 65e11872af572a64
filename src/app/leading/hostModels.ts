import type { Disposable } from "../../base/disposable.ts";
import type { Host } from "../../core/ports/host.ts";
import type { ModelInfo } from "../../protocol/model.ts";

const REFRESH_MS = 30_000;

/** The models that this process's editor offers and that can be asked, looked at now and then. */
export function followHostModels({ providers = [] }: Pick<Host, "providers">): Disposable & { now(): ModelInfo[] } {
  let models: ModelInfo[] = [];
  const look = async (): Promise<void> => {
    const all = await Promise.all(providers.map((provider) => provider.models()));
    models = all.flat().filter(({ ready }) => ready);
  };
  void look();
  const timer = setInterval(() => void look(), REFRESH_MS).unref();
  return { now: () => models, dispose: () => clearInterval(timer) };
}
