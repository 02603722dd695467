"""litellm and LangChain, unchanged, against a running endpoint: python other_clients.py PORT"""
import os
import sys

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # no look at the network

import litellm
from langchain_openai import OpenAI

BASE = f"http://127.0.0.1:{sys.argv[1]}/v1"
PROMPT = "the "


def litellm_gives_the_text_of_a_seed():
    fields = dict(model="text-completion-openai/charrnn", api_base=BASE, api_key="any", prompt=PROMPT, max_tokens=20, seed=7,
                  temperature=0.8, presence_penalty=0.1, frequency_penalty=0.1)
    whole = litellm.text_completion(**fields).choices[0].text
    assert len(whole) == 20
    parts = litellm.text_completion(stream=True, **fields)
    assert "".join(part.choices[0].text or "" for part in parts) == whole


def langchain_invokes_batches_and_streams():
    model = OpenAI(model="charrnn", base_url=BASE, api_key="any", max_tokens=20, temperature=0, max_retries=0)
    whole = model.invoke(PROMPT)
    assert len(whole) == 20
    assert model.batch([PROMPT, PROMPT]) == [whole, whole]
    assert "".join(model.stream(PROMPT)) == whole
    assert len(model.generate([PROMPT, "a"]).generations) == 2


for check in [litellm_gives_the_text_of_a_seed, langchain_invokes_batches_and_streams]:
    check()
    print(f"{check.__name__.replace('_', ' ')}: ok")
