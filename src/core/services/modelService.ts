import type { ModelInfo, ProviderInfo } from "../../protocol/model.ts";

export interface Models {
  /** All providers' models, those that are ready first. `refresh` asks servers again that were asked a moment ago. */
  list(options?: { refresh?: boolean; signal?: AbortSignal }): Promise<ModelInfo[]>;
  /** All providers, each with the place that its key comes from. */
  providers(): Promise<ProviderInfo[]>;
  /** The full id for "provider/name", a bare known name, or undefined for the default. bad_request when unknown. */
  resolve(id: string | undefined): Promise<string>;
}
