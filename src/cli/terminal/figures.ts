/** "950", "12.3k", "1.2M". */
export function toTokens(count: number): string {
  if (count < 1000) return String(count);
  return count < 1_000_000 ? `${(count / 1000).toFixed(1)}k` : `${(count / 1_000_000).toFixed(1)}M`;
}

/** "$0.0123"; "?" when a part has no known price. */
export function toDollars(amount: number | null): string {
  if (amount === null) return "?";
  return `$${amount.toFixed(amount !== 0 && amount < 1 ? 4 : 2)}`;
}

/** As `toDollars`, and "$0.0123 + ?" where only some parts have a known price. */
export function toCost({ costUsd, knownUsd }: { costUsd: number | null; knownUsd?: number | undefined }): string {
  return costUsd === null && knownUsd !== undefined ? `${toDollars(knownUsd)} + ?` : toDollars(costUsd);
}
