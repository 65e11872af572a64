export interface PlanStep {
  text: string;
  status: "pending" | "in_progress" | "done";
}

/** The steps of a call of `todo`, by its input; none where the model wrote something else. */
export function toSteps(input: unknown): PlanStep[] {
  const { items } = (input ?? {}) as { items?: unknown };
  return Array.isArray(items) ? items.filter(isStep) : [];
}

function isStep(item: unknown): item is PlanStep {
  const { text, status } = (item ?? {}) as Partial<PlanStep>;
  return typeof text === "string" && (status === "pending" || status === "in_progress" || status === "done");
}
