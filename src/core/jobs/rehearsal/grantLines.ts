import type { Rule } from "../../../protocol/rule.ts";

/** A job's grants as lines of openclaw.yml, to stand in its entry: JSON in quotes is YAML, and `$${` a literal `${`. */
export function grantLines(grants: Rule[]): string {
  if (grants.length === 0) return "    grants: []";
  const lines = grants.map((rule) => {
    const fields = Object.entries(rule).map(([key, value]) =>
      key === "allow" || key === "deny"
        ? `${key}: ${value}`
        : `${key}: ${JSON.stringify(value).replaceAll("${", () => "$${")}`,
    );
    return `      - { ${fields.join(", ")} }`;
  });
  return ["    grants:", ...lines].join("\n");
}
