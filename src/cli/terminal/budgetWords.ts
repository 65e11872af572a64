import type { BudgetState } from "../../protocol/written/budgetState.ts";

/** "The day (UTC): 80 % of its budget: $4.00 of $5 + $5 allowed". */
export function budgetWords({ title, percent, usd, tokens, note }: BudgetState): string {
  const side = (state: BudgetState["usd"], show: (amount: number) => string, unit = "") => {
    if (state === null) return [];
    const more = state.raised > 0 ? ` + ${show(state.raised)} allowed` : "";
    return [`${show(state.used)} of ${show(state.limit)}${more}${unit}`];
  };
  const dollars = (amount: number) => `$${amount > 0 && amount < 0.01 ? amount.toPrecision(2) : amount.toFixed(2)}`;
  const parts = [...side(usd, dollars), ...side(tokens, String, " tokens")];
  return `${title}: ${percent} % of its budget: ${parts.join(", ")}${note === undefined ? "" : `. ${note}`}`;
}
