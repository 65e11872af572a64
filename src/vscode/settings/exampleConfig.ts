/** What a new openclaw.yml holds: everything as it is by default, as comments. */
export const exampleConfig = `# Configuration of Pincer. A change takes effect when the file is saved.
# \${NAME} reads an environment variable. API keys are better kept by the editor: "Pincer: Set API key…".

# gateway:
#   port: 3000            # by default 3000, or the next free one up to 3010
#   token: "..."          # by default one is made

# model: anthropic/claude-sonnet-5-5

# providers:
#   anthropic: { apiKey: "\${ANTHROPIC_API_KEY}" }
#   openai: { apiKey: "\${OPENAI_API_KEY}" }
#   google: { apiKey: "\${GEMINI_API_KEY}" }
#   local: { api: openai-chat, baseUrl: "http://127.0.0.1:11434/v1", models: [qwen3] }

# agent:
#   instructions: Answer in short sentences.
#   approvals: ask        # or auto-safe, auto, deny
#   budgetUsd: 5          # ceiling of one run

# cron:
#   - name: Morning report
#     schedule: { kind: cron, expr: "0 9 * * 1-5", tz: Europe/Berlin }
#     payload: { kind: agentTurn, message: Summarise what changed since yesterday }
#     sessionTarget: isolated
`;
