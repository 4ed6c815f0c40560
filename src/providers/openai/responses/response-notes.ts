// Members of a response and events of a stream that describe it, or tell what is told again later: what is not
// among them is handed on. Source: platform.openai.com/docs/api-reference/responses/object, /responses-streaming

/** Mostly the request's own settings, given back. */
const responseNotes = new Set([
  "background",
  "billing",
  "completed_at",
  "created_at",
  "error",
  "frequency_penalty",
  "id",
  "include",
  "incomplete_details",
  "instructions",
  "logprobs",
  "max_output_tokens",
  "max_tool_calls",
  "metadata",
  "model",
  "object",
  "output",
  // The texts of the output once more.
  "output_text",
  "parallel_tool_calls",
  "presence_penalty",
  "previous_response_id",
  "prompt",
  "prompt_cache_key",
  "prompt_cache_options",
  "prompt_cache_retention",
  "provider",
  "reasoning",
  "safety_identifier",
  "search_parameters",
  "service_tier",
  "status",
  "store",
  "stream",
  "temperature",
  "text",
  "tool_choice",
  // How often the vendor's own tools were used: their items tell.
  "tool_usage",
  "tools",
  "top_k",
  "top_logprobs",
  "top_p",
  "truncation",
  "usage",
  "user",
]);

export const isResponseNote = (name: string): boolean => responseNotes.has(name);

const eventMembers = new Set(["type", "sequence_number", "response", "obfuscation"]);

/** A member of the last event that describes it. */
export const isEventNote = (name: string): boolean => eventMembers.has(name);

/** How far a tool of the vendor's is; `mcp_list_tools` is one too. */
const progress =
  /^response\.\w+_(?:call|tools)\.(?:queued|in_progress|searching|generating|interpreting|completed|incomplete|failed)$/;

/** Pieces of what an item of a tool holds whole at its end. */
const toolPieces =
  /^response\.(?:mcp_call_arguments|code_interpreter_call_code|custom_tool_call_input|shell_call_command|shell_call_output_content|apply_patch_call_operation_diff)\.(?:added|delta|done)$/;

const aliveSigns = new Set(["keepalive", "ping", "response.keepalive", "response.heartbeat"]);

/** A whole event that needs no reading. */
export const isNoteEvent = (type: string): boolean =>
  aliveSigns.has(type) || progress.test(type) || toolPieces.test(type);
