"""What OpenAI's own Python client makes of the gateway's answers: run by openai-python.test.ts.

Arguments: the address of a gateway over the demo upstream, of one whose answers are scripted, and of two whose
streams go over to another target: one goes on there, one begins again.
"""

import array
import base64
import sys
import unittest

import openai
from pydantic import BaseModel

demo_url, scripted_url, continued_url, restarted_url = sys.argv[1:5]
demo = openai.OpenAI(base_url=demo_url, api_key="any", max_retries=0)
scripted = openai.OpenAI(base_url=scripted_url, api_key="any", max_retries=0)

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
        "strict": True,
    },
}


def user(text):
    return {"role": "user", "content": text}


class City(BaseModel):
    city: str


class Chats(unittest.TestCase):
    def test_a_whole_answer(self):
        answer = demo.chat.completions.create(model="default", messages=[user("Hello")])
        self.assertEqual(answer.object, "chat.completion")
        self.assertIn("Hello", answer.choices[0].message.content)
        self.assertEqual(answer.choices[0].finish_reason, "stop")
        usage = answer.usage
        self.assertEqual(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens)

    def test_the_callers_request_id_comes_back(self):
        raw = demo.chat.completions.with_raw_response.create(
            model="default", messages=[user("Hello")], extra_headers={"x-request-id": "mine-7"}
        )
        self.assertEqual(raw.request_id, "mine-7")
        self.assertTrue(int(raw.headers["openai-processing-ms"]) >= 0)
        self.assertTrue(raw.headers["x-sluice-request-id"])

    def test_a_stream_with_its_usage(self):
        chunks = list(
            demo.chat.completions.create(
                model="default",
                messages=[user("Hello")],
                stream=True,
                stream_options={"include_usage": True},
            )
        )
        text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        self.assertIn("Hello", text)
        self.assertEqual(chunks[-1].choices, [])
        self.assertGreater(chunks[-1].usage.total_tokens, 0)
        self.assertTrue(all(c.usage is None for c in chunks[:-1]))

    def test_tools_there_and_back_by_the_helper_for_streams(self):
        messages = [user("[demo tools=2] Rain?")]
        with demo.chat.completions.stream(model="default", messages=messages, tools=[WEATHER]) as stream:
            events = [event.type for event in stream]
            message = stream.get_final_completion().choices[0].message
        self.assertIn("tool_calls.function.arguments.done", events)
        self.assertEqual(len(message.tool_calls), 2)
        self.assertIn("city", message.tool_calls[0].function.parsed_arguments)
        messages.append(message)
        for call in message.tool_calls:
            messages.append({"role": "tool", "tool_call_id": call.id, "content": f"Rain, says {call.id}."})
        answer = demo.chat.completions.create(model="default", messages=messages, tools=[WEATHER])
        self.assertIn("The tool answered", answer.choices[0].message.content)

    def test_an_answer_that_holds_to_a_schema(self):
        for ask in (demo.chat.completions.parse, self.parsed_stream):
            answer = ask(model="default", messages=[user("Where?")], response_format=City)
            self.assertIsInstance(answer.choices[0].message.parsed, City)

    def parsed_stream(self, **asked):
        with demo.chat.completions.stream(**asked) as stream:
            return stream.get_final_completion()

    def test_reasoning_and_its_proofs_are_given_back_whole(self):
        question = user("proven")
        whole = scripted.chat.completions.create(model="default", messages=[question])
        with scripted.chat.completions.stream(model="default", messages=[question]) as stream:
            gathered = stream.get_final_completion()
        for answer in (whole, gathered):
            message = answer.choices[0].message
            self.assertEqual(message.reasoning_content, "A. B.")
            self.assertEqual(
                [(detail["text"], detail["signature"]) for detail in message.reasoning_details],
                [("A. ", "s1"), ("B.", "s2")],
            )
            self.assertEqual(
                message.tool_calls[0].extra_content, {"google": {"thought_signature": "t1"}}
            )
            result = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "now"}
            messages = [question, message, result]
            scripted.chat.completions.create(model="default", messages=messages)

    def test_log_probabilities(self):
        asked = {"model": "default", "messages": [user("logprobs")], "logprobs": True, "top_logprobs": 1}
        whole = scripted.chat.completions.create(**asked)
        with scripted.chat.completions.stream(**asked) as stream:
            gathered = stream.get_final_completion()
        for answer in (whole, gathered):
            self.assertEqual([t.token for t in answer.choices[0].logprobs.content], ["a", "b"])


class Errors(unittest.TestCase):
    def test_a_fault_of_the_request(self):
        with self.assertRaises(openai.BadRequestError) as raised:
            demo.chat.completions.create(model="default", messages=[user("Hi")], temperature=3)
        error = raised.exception
        self.assertEqual((error.status_code, error.param), (400, "temperature"))
        self.assertEqual((error.code, error.type), ("invalid_request", "invalid_request_error"))

    def test_more_than_one_choice(self):
        with self.assertRaises(openai.BadRequestError) as raised:
            demo.chat.completions.create(model="default", messages=[user("Hi")], n=2)
        self.assertEqual(raised.exception.param, "n")

    def test_a_limit_of_the_vendors_is_no_limit_of_the_callers(self):
        with self.assertRaises(openai.InternalServerError) as raised:
            demo.chat.completions.create(model="default", messages=[user("[demo fault=status:429] Hi")])
        self.assertEqual(raised.exception.code, "all_providers_failed")

    def test_a_stream_that_breaks_off(self):
        stream = demo.chat.completions.create(
            model="default", messages=[user("[demo fault=cut:5 tokens=50] Hi")], stream=True
        )
        text = ""
        with self.assertRaises(openai.APIError) as raised:
            for chunk in stream:
                text += chunk.choices[0].delta.content or ""
        self.assertNotEqual(text, "")
        self.assertEqual(raised.exception.code, "all_providers_failed")

    def test_an_unknown_model(self):
        with self.assertRaises(openai.NotFoundError):
            demo.models.retrieve("nothing")


class Embeddings(unittest.TestCase):
    def test_numbers_that_the_client_decodes_itself(self):
        answer = scripted.embeddings.create(model="default", input=["a", "b"])
        self.assertEqual([d.index for d in answer.data], [0, 1])
        self.assertEqual(answer.data[0].embedding, [0.5, -2.0])
        self.assertEqual((answer.usage.prompt_tokens, answer.usage.total_tokens), (7, 7))

    def test_both_encodings(self):
        numbers = scripted.embeddings.create(model="default", input="a", encoding_format="float")
        self.assertEqual(numbers.data[0].embedding, [0.5, -2.0])
        text = scripted.embeddings.create(model="default", input="a", encoding_format="base64")
        self.assertEqual(list(array.array("f", base64.b64decode(text.data[0].embedding))), [0.5, -2.0])

    def test_an_empty_text(self):
        with self.assertRaises(openai.BadRequestError) as raised:
            scripted.embeddings.create(model="default", input=["a", ""])
        self.assertEqual(raised.exception.param, "input[1]")


class Seams(unittest.TestCase):
    def gathered(self, url):
        client = openai.OpenAI(base_url=url, api_key="any", max_retries=0)
        with client.chat.completions.stream(model="default", messages=[user("Hi")]) as stream:
            return stream.get_final_completion().choices[0].message.content

    def test_an_answer_that_goes_on(self):
        self.assertEqual(self.gathered(continued_url), "Hello, world")

    def test_an_answer_that_begins_again(self):
        sentence = "[The answer broke off here. It begins again:]"
        self.assertEqual(self.gathered(restarted_url), f"Good mor\n\n{sentence}\n\nHello, world")

    def test_a_client_that_reads_seams(self):
        client = openai.OpenAI(base_url=restarted_url, api_key="any", max_retries=0)
        text = ""
        for chunk in client.chat.completions.create(model="default", messages=[user("Hi")], stream=True):
            text += chunk.choices[0].delta.content or ""
            if "sluice" in chunk.model_extra and chunk.model_extra["sluice"]["seam"]["policy"] == "restart":
                text = ""
        self.assertEqual(text, "Hello, world")


class Models(unittest.TestCase):
    def test_the_list_and_one_of_it(self):
        models = {model.id: model for model in demo.models.list()}
        self.assertIn("auto", models)
        one = demo.models.retrieve("openai/demo-chat")
        self.assertEqual((one.id, one.owned_by, one.object), ("openai/demo-chat", "openai", "model"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
