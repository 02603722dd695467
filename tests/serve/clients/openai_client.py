"""The real openai client against a running endpoint: python openai_client.py PORT"""
import sys

import openai

client = openai.OpenAI(base_url=f"http://127.0.0.1:{sys.argv[1]}/v1", api_key="any", max_retries=0)
ALPHABET = client.models.list().data[0].meta["alphabet"]
LETTERS = [c for c in ALPHABET if c.isalpha()]
PROMPT = "".join(LETTERS[:4])


def complete(**fields):
    return client.completions.create(**{"model": "charrnn", "prompt": PROMPT, "max_tokens": 20, "seed": 7} | fields)


def streamed(**fields):
    texts, reasons, usage = {}, {}, None
    for event in complete(stream=True, **fields):
        usage = event.usage or usage
        for choice in event.choices:
            texts[choice.index] = texts.get(choice.index, "") + choice.text
            reasons[choice.index] = choice.finish_reason or reasons.get(choice.index)
    return [texts[i] for i in sorted(texts)], [reasons[i] for i in sorted(reasons)], usage


def whole_and_streamed_are_equal():
    whole = complete()
    assert whole.choices[0].finish_reason == "length" and whole.usage.total_tokens == 24
    texts, reasons, usage = streamed(stream_options={"include_usage": True})
    assert texts == [whole.choices[0].text] and reasons == ["length"] and usage.total_tokens == 24
    assert streamed()[2] is None


def several_texts_and_prompts():
    whole = complete(prompt=[PROMPT, PROMPT[:1]], n=3)
    assert [choice.index for choice in whole.choices] == list(range(6))
    assert streamed(prompt=[PROMPT, PROMPT[:1]], n=3)[0] == [choice.text for choice in whole.choices]
    best = complete(n=2, best_of=5)
    assert len(best.choices) == 2 and best.usage.completion_tokens == 100


def echo_scores_a_text():
    scored = complete(echo=True, max_tokens=0, logprobs=0).choices[0]
    assert scored.text == PROMPT and scored.logprobs.tokens == list(PROMPT)
    assert scored.logprobs.token_logprobs[0] is None and scored.logprobs.text_offset == [0, 1, 2, 3]


def logprobs_stand_beside_their_text():
    logprobs = complete(logprobs=3).choices[0].logprobs
    assert len(logprobs.tokens) == 20 and all(3 <= len(top) <= 4 for top in logprobs.top_logprobs)
    offsets = [offset for event in complete(logprobs=1, stream=True) for choice in event.choices
               if choice.logprobs for offset in choice.logprobs.text_offset]
    assert offsets == list(range(20))


def stop_texts_are_not_given_back():
    text = complete(max_tokens=60).choices[0].text
    stop = text[31:34]
    stopped = complete(max_tokens=60, stop=[stop, "\x00\x01"]).choices[0]
    assert stopped.finish_reason == "stop" and stopped.text == text[:text.find(stop)]
    assert streamed(max_tokens=60, stop=stop)[0] == [stopped.text]


def an_empty_prompt_is_legal():
    assert len(complete(prompt="").choices[0].text) == 20


def a_text_goes_on_from_its_state():
    whole = complete(temperature=0, max_tokens=30).choices[0].text
    begun = complete(temperature=0, max_tokens=12, extra_body={"keep_state": True})
    rest = complete(prompt="", temperature=0, max_tokens=18, extra_body={"state_id": begun.state_id})
    assert begun.choices[0].text + rest.choices[0].text == whole


def refusals_name_the_field():
    for fields, param in [({"prompt": "\U0010FFFD"}, "prompt"), ({"n": 99}, "n"), ({"suffix": "x"}, "suffix"),
                          ({"temperature": 3}, "temperature"), ({"max_tokens": -1}, "max_tokens"),
                          ({"best_of": 2, "stream": True}, "best_of"), ({"logprobs": 6}, "logprobs")]:
        try:
            complete(**fields)
            raise AssertionError(f"{fields} was accepted")
        except openai.BadRequestError as error:
            assert error.param == param and error.code, error
    try:
        complete(model="another")
        raise AssertionError("another model was accepted")
    except openai.NotFoundError as error:
        assert error.code == "model_not_found"


for check in [whole_and_streamed_are_equal, several_texts_and_prompts, echo_scores_a_text,
              logprobs_stand_beside_their_text, stop_texts_are_not_given_back, an_empty_prompt_is_legal,
              a_text_goes_on_from_its_state, refusals_name_the_field]:
    check()
    print(f"openai {openai.__version__}: {check.__name__.replace('_', ' ')}: ok")
