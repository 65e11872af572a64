import { useComputed } from "@preact/signals";
import { Icon } from "../parts/icon.tsx";
import { usePanel } from "../state/panelContext.ts";
import { planOf } from "../state/plan.ts";
import type { PlanStep } from "../parts/planStep.ts";
import { strings } from "../parts/strings.ts";

/** What the newest run means to do, and how far it is; opened, each step. */
export function PlanBar() {
  const { session } = usePanel();
  const steps = useComputed(() => planOf(session.state)).value;
  if (!steps) return null;
  const done = steps.filter(({ status }) => status === "done").length;
  const now = steps.find(({ status }) => status === "in_progress") ?? steps.find(({ status }) => status === "pending");
  return (
    <details class="plan">
      <summary>
        <Icon name="checklist" />
        <span class="plan-count">{strings.planProgress(done, steps.length)}</span>
        <span class="plan-now">{now?.text ?? ""}</span>
        <span class="plan-track" aria-hidden="true">
          <span style={{ width: `${(done / steps.length) * 100}%` }} />
        </span>
      </summary>
      <PlanSteps steps={steps} />
    </details>
  );
}

/** Steps, each with how it stands. */
export function PlanSteps({ steps }: { steps: PlanStep[] }) {
  return (
    <ol class="plan-steps">
      {steps.map(({ text, status }, index) => (
        <li key={index} class={status}>
          <Icon name={ICONS[status]} />
          <span class="sr-only">{strings.stepStates[status]}: </span>
          <span>{text}</span>
        </li>
      ))}
    </ol>
  );
}

const ICONS: Record<PlanStep["status"], string> = {
  pending: "circle-large-outline",
  in_progress: "arrow-circle-right",
  done: "pass-filled",
};
