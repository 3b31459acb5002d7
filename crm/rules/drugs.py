"""What kind of drug it is, by what it is called or by its ATC code. Pure.

For routing only, never advice. A name is found by any word of it, misspelt a little as well: a
drug that is wrongly taken for a critical one costs a nurse a minute, the other way round more.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from typing import Final

from crm.states import DrugClass

#: https://atcddd.fhi.no/atc_ddd_index/: insulins, antiepileptics, antithrombotics.
_ATC: Final = {
    "A10A": DrugClass.INSULIN,
    "N03": DrugClass.ANTICONVULSANT,
    "B01A": DrugClass.ANTICOAGULANT,
}
#: Antithrombotics that thin no blood in this sense: platelet inhibitors such as aspirin.
_ATC_NOT: Final = ("B01AC",)

_NAMES: Final[Mapping[DrugClass, str]] = {
    DrugClass.INSULIN: (
        "insulin glargine lispro aspart degludec detemir glulisine isophane lantus basaglar toujeo "
        "semglee humalog admelog novolog fiasp lyumjev levemir tresiba apidra humulin novolin"
    ),
    DrugClass.ANTICONVULSANT: (
        "levetiracetam keppra lamotrigine lamictal valproate valproic divalproex depakote "
        "carbamazepine tegretol oxcarbazepine trileptal phenytoin dilantin phenobarbital "
        "primidone mysoline topiramate topamax zonisamide zonegran lacosamide vimpat brivaracetam "
        "briviact clobazam onfi cenobamate xcopri perampanel fycompa rufinamide banzel "
        "ethosuximide zarontin felbamate tiagabine eslicarbazepine aptiom vigabatrin"
    ),
    DrugClass.ANTICOAGULANT: (
        "warfarin coumadin jantoven apixaban eliquis rivaroxaban xarelto dabigatran pradaxa "
        "edoxaban savaysa enoxaparin lovenox dalteparin fragmin fondaparinux arixtra heparin"
    ),
}
_CLASS_OF: Final = {word: kind for kind, words in _NAMES.items() for word in words.split()}

#: 21 CFR 1308.12 to 1308.15, schedules II to V, as outpatients get them; state lists may add.
_SCHEDULED: Final = (
    "oxycodone oxycontin percocet hydrocodone vicodin norco morphine hydromorphone dilaudid "
    "oxymorphone fentanyl methadone tapentadol nucynta meperidine codeine methylphenidate "
    "ritalin concerta dexmethylphenidate focalin amphetamine adderall dextroamphetamine "
    "lisdexamfetamine vyvanse buprenorphine suboxone subutex testosterone ketamine dronabinol "
    "alprazolam xanax lorazepam ativan clonazepam klonopin diazepam valium temazepam restoril "
    "chlordiazepoxide triazolam zolpidem ambien eszopiclone lunesta zaleplon tramadol ultram "
    "carisoprodol soma phentermine modafinil armodafinil phenobarbital butorphanol "
    "pregabalin lyrica lacosamide vimpat brivaracetam briviact clobazam onfi cenobamate xcopri "
    "perampanel fycompa diphenoxylate lomotil"
)
_CONTROLLED: Final = frozenset(_SCHEDULED.split())
#: How much alike two spellings must be, 1 being the same; shorter words must fit as they are.
#: Hydrocortisone is no hydrocodone: a wrong guess there keeps an ordinary cream from its patient.
_ALIKE, _ALIKE_CONTROLLED, _SHORTEST = 0.8, 0.86, 6


def class_of(name: str, *, atc: str = "") -> DrugClass:
    """By the ATC code where there is one that says so, else by the words of the name."""
    if atc and not atc.startswith(_ATC_NOT):
        for begins, kind in _ATC.items():
            if atc.startswith(begins):
                return kind
    for word in _words(name):
        known = word if word in _CLASS_OF else _nearest(word, _CLASS_OF, alike=_ALIKE)
        if known:
            return _CLASS_OF[known]
    return DrugClass.OTHER


def is_controlled(name: str) -> bool:
    """Whether it is on a federal schedule, by any word of its name."""
    return any(
        word in _CONTROLLED or _nearest(word, _CONTROLLED, alike=_ALIKE_CONTROLLED)
        for word in _words(name)
    )


def _words(name: str) -> list[str]:
    return [word for word in re.findall(r"[a-z]+", name.lower()) if len(word) > 3]


def _nearest(word: str, known: Collection[str], *, alike: float) -> str:
    if len(word) < _SHORTEST:
        return ""
    return next(iter(difflib.get_close_matches(word, known, 1, cutoff=alike)), "")
