import type { McpField } from "../../src/protocol/mcp.ts";
import { type FieldValue, firstValue, limitWords, UNREADABLE } from "../parts/fieldValue.ts";
import { strings } from "../parts/strings.ts";

interface FieldProps {
  field: McpField;
  /** Of the page, and of this field alone. */
  id: string;
  value: FieldValue;
  fault: string | undefined;
  onChange: (value: FieldValue) => void;
}

/** One thing that a server wants to know, with what is wrong with the answer beside it. */
export function QuestionField(props: FieldProps) {
  const { field, id, fault } = props;
  const { kind, title, description, required } = field;
  const hint = [description, limitWords(field)].filter((part) => part !== undefined).join(" · ");
  const label = (
    <>
      {title}
      {required && <Required />}
    </>
  );
  const about = (
    <>
      {hint !== "" && (
        <div class="field-hint" id={`${id}-hint`}>
          {hint}
        </div>
      )}
      {fault !== undefined && (
        <div class="field-fault" id={`${id}-fault`}>
          {fault}
        </div>
      )}
    </>
  );
  if (kind === "choices")
    return (
      <fieldset class="field" {...described(props, hint)}>
        <legend class="field-title">{label}</legend>
        <Choices {...props} />
        {about}
      </fieldset>
    );
  if (kind === "boolean")
    return (
      <div class="field">
        <label class="field-check">
          <input
            type="checkbox"
            checked={props.value === true}
            onChange={(event) => props.onChange(event.currentTarget.checked)}
            {...described(props, hint)}
          />
          <span class="field-title">{title}</span>
        </label>
        {about}
      </div>
    );
  return (
    <div class="field">
      <label class="field-title" for={id}>
        {label}
      </label>
      {kind === "choice" ? <Choice {...props} hint={hint} /> : <Line {...props} hint={hint} />}
      {about}
    </div>
  );
}

function Required() {
  return (
    <span class="field-required" title={strings.fieldRequired} aria-hidden="true">
      {" *"}
    </span>
  );
}

/** What a screen reader says of a field beside its name. */
function described({ id, fault }: Pick<FieldProps, "id" | "fault">, hint: string) {
  const ids = [...(fault === undefined ? [] : [`${id}-fault`]), ...(hint === "" ? [] : [`${id}-hint`])].join(" ");
  return ids === "" ? {} : { "aria-describedby": ids };
}

const INPUT_TYPES = { email: "email", uri: "url", date: "date", "date-time": "datetime-local" } as const;

function Line({ field, id, value, fault, onChange, hint }: FieldProps & { hint: string }) {
  const { kind, format, whole, min, max, required } = field;
  return (
    <input
      id={id}
      class="field-input"
      // One literal for all of them: no attribute here is of one type alone.
      type={(kind === "number" ? "number" : format ? INPUT_TYPES[format] : "text") as "number"}
      {...(kind === "number" ? { step: whole ? 1 : "any", min, max } : {})}
      // The page keeps what is written: half a number has no value that could be put back.
      defaultValue={value === UNREADABLE ? "" : String(value)}
      aria-required={required}
      aria-invalid={fault !== undefined}
      {...described({ id, fault }, hint)}
      onInput={({ currentTarget }) => onChange(currentTarget.validity.badInput ? UNREADABLE : currentTarget.value)}
    />
  );
}

function Choice({ field, id, value, fault, onChange, hint }: FieldProps & { hint: string }) {
  const { options = [], required } = field;
  return (
    <select
      id={id}
      class="field-input"
      value={String(value)}
      aria-required={required}
      aria-invalid={fault !== undefined}
      {...described({ id, fault }, hint)}
      onChange={(event) => onChange(event.currentTarget.value)}
    >
      {(!required || firstValue(field) === "") && <option value="">{required ? strings.fieldChoose : "–"}</option>}
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.title}
        </option>
      ))}
    </select>
  );
}

function Choices({ field: { options = [] }, id, value, onChange }: FieldProps) {
  const chosen = Array.isArray(value) ? value : [];
  return (
    <>
      {options.map((option, at) => (
        <label key={option.value} class="field-check">
          <input
            // The first has the name of the whole, so that it is found where a fault is.
            id={at === 0 ? id : undefined}
            type="checkbox"
            checked={chosen.includes(option.value)}
            onChange={({ currentTarget }) =>
              onChange(
                options
                  .map((one) => one.value)
                  .filter((one) => (one === option.value ? currentTarget.checked : chosen.includes(one))),
              )
            }
          />
          {option.title}
        </label>
      ))}
    </>
  );
}
