"""Articles of the demo: what a center of this size keeps at hand. Made up, and believable."""

# ruff: noqa: RUF001 texts for people have typographic quotes

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedArticle:
    """One article; `sites` are short names of locations, empty for all of them."""

    code: str
    title: str
    words: tuple[str, ...]
    body: str
    call_types: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    specialty: str = ""
    language: str = "en"


ARTICLES: Final = (
    ShippedArticle(
        code="way-phoenix",
        title="Directions and parking: Phoenix",
        words=("where to park", "garage", "bus", "entrance", "address", "estacionamiento"),
        call_types=("directions", "late", "book"),
        sites=("Phoenix",),
        body="""
# By car
- 1300 N 12th Street. From I-10 take the 7th Street exit north to McDowell Road, turn right, then
  left on 12th Street. The building is on the left.
- **Garage B** is for patients: free for three hours with a stamp from the front desk.
- The garage is 6 ft 8 in high. Vans and trucks park in the open lot behind the building.

# Without a car
- Light rail to *McDowell and Central*, then bus 17 east to 12th Street.
- A ride has to be asked for two working days ahead; see “Rides and interpreters”.

# Coming in
1. Use the **east door**: it is level, with wheelchairs inside.
2. Take the elevator to the floor on the text that they got.
3. Check in at the screen or at the desk; both work.

> Say which door and which garage. Most people who are late were looking for one of the two.
""",
    ),
    ShippedArticle(
        code="way-tucson",
        title="Directions and parking: Tucson",
        words=("where to park", "bus", "entrance", "address", "estacionamiento"),
        call_types=("directions", "late", "book"),
        sites=("Tucson",),
        body="""
# By car
- 2650 E Grant Road. From I-10 take exit 256, Grant Road, then east for 4 miles.
- Parking is in front of the building and free. The six spaces nearest to the door are for
  wheelchair users.

# Without a car
- Sun Tran route 9 stops at the door.

# Coming in
1. There is one entrance, on Grant Road.
2. The clinic is on the ground floor.

> Construction on Grant Road until spring: tell them to allow ten minutes more.
""",
    ),
    ShippedArticle(
        code="camino-phoenix",
        title="Cómo llegar y dónde estacionarse: Phoenix",
        words=("estacionamiento", "dirección", "entrada", "autobús"),
        call_types=("directions", "late", "book"),
        sites=("Phoenix",),
        language="es",
        body="""
# En carro
- 1300 N 12th Street. Desde la I-10 tome la salida de 7th Street hacia el norte hasta McDowell
  Road, a la derecha, y luego a la izquierda en 12th Street.
- El **garaje B** es para pacientes: tres horas gratis con el sello de la recepción.

# Sin carro
- Tren ligero hasta *McDowell y Central*; luego el autobús 17 hacia el este.

# Para entrar
1. Use la **puerta este**: no tiene escalones y hay sillas de ruedas.
2. Suba en el elevador al piso que dice el mensaje.
3. Regístrese en la pantalla o con la recepción.
""",
    ),
    ShippedArticle(
        code="mri-preparation",
        title="Preparing for an MRI",
        words=("mri", "scan", "imaging", "metal", "contrast", "resonancia", "preparación"),
        call_types=("book", "plan", "results"),
        body="""
# What you may tell everybody
- Come **30 minutes early**: there is a safety form to fill in, and it takes its time.
- Clothes without metal; lockers are there. Jewelry, watches and hearing aids stay outside.
- It takes 30 to 60 minutes. It is loud; they get ear plugs.
- Somebody may wait with them outside the room.

# Ask each of these, and write the answer down
1. Anything implanted: pacemaker, pump, clip, stimulator, shrapnel?
2. Pregnant, or could be?
3. Ever worked with metal, grinding or welding?
4. Troubled by narrow places?

> **Yes to any of them goes to the MRI nurse before the visit is booked.** Do not say whether it
> is safe.

# What you may not tell
- Whether to eat, drink, or stop a medicine. With contrast or sedation the nurse calls them.
""",
    ),
    ShippedArticle(
        code="first-visit",
        title="What to bring to a first visit",
        words=("new patient", "bring", "paperwork", "id", "card", "primera visita", "traer"),
        call_types=("book",),
        body="""
- Insurance card, front and back, and a photo ID
- A list of all medicines with their doses, or the bottles
- Names and phone numbers of other doctors
- Records or images on a disk, if another place made them
- The referral, if their plan asks for one
- For a child: the parent or guardian, or a signed consent with the guardian’s phone number

# The forms
We send them by secure link two days ahead. With the forms done, 15 minutes early is enough;
without them, 30.

# Without insurance
They are welcome. Offer the financial assistance form, and hand over to the billing office if they
ask what it costs.
""",
    ),
    ShippedArticle(
        code="refill-policy",
        title="Refills: who decides, and how long it takes",
        words=("prescription", "controlled", "out of medicine", "receta", "resurtir"),
        call_types=("refill", "pharmacy"),
        body="""
# The usual way
1. Look in the refills panel: are refills left? Then the pharmacy has it; they call the pharmacy.
2. None left: send the request. The prescriber’s team answers within **two working days**.
3. No visit within 12 months: offer the visit along with the request.

# To a nurse at once
- Out, or nearly out, of **insulin, a blood thinner or a seizure medicine**
- Any change in how they feel, however small it sounds
- They took more than they should have: *Poison Help 1-800-222-1222*, or 911 if they are unwell

# Controlled medicines
The prescriber alone decides, most often with a visit. Say: “I will send it to the prescriber, who
decides.” Never early, never a date.

> We neither say that a medicine can be stopped or halved, nor name another one.
""",
    ),
    ShippedArticle(
        code="interpreter",
        title="Rides and interpreters",
        words=(
            "language line",
            "sign language",
            "asl",
            "translator",
            "ride",
            "relay",
            "tty",
            "intérprete",
            "transporte",
        ),
        body="""
# An interpreter on this call
1. Choose *Interpreter* in the conversation and the language.
2. Tell the caller: “Please hold, I am getting an interpreter. It is free.”
3. Write the interpreter’s **ID** down when they say it.
4. Speak to the caller, not about them: “When were you born?”, not “Ask her when …”.

> Never a child, and no family member for anything medical, also if they offer
> (45 CFR 92.201).

# For the visit
Book it along with the visit: spoken languages one working day ahead, **American Sign Language
three**.

# Relay and TTY calls
Take them like any other. Speak slowly, say “go ahead” when you are done, and take the time that it
needs: these calls do not count for handle time.

# A ride
Plans of AHCCCS pay for rides; the patient’s plan is called two working days ahead. We tell the
company time and door, and nothing else.
""",
    ),
    ShippedArticle(
        code="severe-weather",
        title="Severe weather and closures",
        words=(
            "monsoon",
            "dust storm",
            "flood",
            "closed",
            "closure",
            "heat",
            "power",
            "tormenta",
            "cerrado",
        ),
        call_types=("late", "cancel", "move", "directions"),
        body="""
# Is the clinic open?
The banner above the desk says so within minutes of the decision. **No banner: it is open.**

# When it closes
1. Visits are moved by the clinic in one go; each patient gets a text with new times.
2. If they call first: find their visit, offer times on the next days, book.
3. Nobody pays a late or no-show fee for that day. Choose “weather” as the reason.

# When they are afraid to drive
Do not say that it is safe, nor that it is not. Offer a video visit if the visit type allows it, or
another day.

> A dust storm on the road: pull over, lights off, foot off the brake. That is what the state says;
> nothing more from us.
""",
    ),
    ShippedArticle(
        code="late-policy",
        title="Late arrivals: how long we wait",
        words=("grace", "fee", "no show", "minutes late", "llegar tarde"),
        call_types=("late",),
        body="""
- **Up to 15 minutes:** they are seen. Tell the clinic.
- **15 to 30 minutes:** the clinic decides. Ask while they hold; usually the next gap.
- **More:** offer the next times. A visit that somebody waited for keeps its place on the list.

# Fees
There is a fee only after the second missed visit in a year, and never for children, or where AHCCCS
pays. Do not collect it; the billing office does.
""",
    ),
    ShippedArticle(
        code="secure-link",
        title="“I cannot open the secure link”",
        words=("portal", "password", "link", "text message", "code", "enlace", "contraseña"),
        call_types=("results", "book", "plan"),
        body="""
1. Ask for the number that the text went to. Another one on record? Send it again there.
2. The link to a visit works until the visit is over.
3. It asks for the date of birth. Five wrong tries close it for good: read it out to them, once you
   have two identifiers.
4. The link to the portal asks for the portal’s own password. Whoever has forgotten it presses
   “Forgot password” there; we cannot reset it.

> What stands in the portal is never read out because the link does not open.
""",
    ),
)
