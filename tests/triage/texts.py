"""Texts as patients write them, by what the safety check must say of them; one a line.

None of them stands in the list of red flags word for word on purpose: they are written as people
write, with the errors that phones and hurry make.
"""

from __future__ import annotations

from typing import Final

#: By red flag: it must be found, without a doubt.
DANGER: Final[dict[str, str]] = {
    "chest-pain": """
chest pain
I have chest pain
My chest hurts really bad
pain in my chest and left arm
chest pian
cheast pain
chst pressure... tight chest
CHEST IS TIGHT
yes but my chest hurts
No I have chest pain right now
I think im having a heart attack
my husband is having a hart atack
heart attck??
I feel like an elephant is on my chest
me duele el pecho
dolor de pecho
tengo dolor en el pecho
dolor d pecho muy fuerte
me duele mucho el pecho y el brazo
siento presión en el pecho
prescion en el pecho
creo que es un infarto
mi papá tuvo un ataque al corazón
chest   pain!!!!
chestpain
not sure what to do, chest pain
my chest has been hurting since this morning
""",
    "breathing": """
I cant breathe
i can't breath
cant breathe
I can not breathe
having trouble breathing
hard to breathe
hes not breathing
she stopped breathing
short of breath
shortness of breth
I am struggling to breathe
her lips are blue
difficulty breathign
cannt breathe
cantbreathe
no puedo respirar
no puedo respirar bien
me falta el aire
me cuesta respirar
mi hijo no respira
no puede respirar mi bebe
dificultad para respirar
nopuedo respirar me falta el aire
k no puedo respirar
""",
    "choking": """
my son is choking
she is chokeing on food
se esta atragantando
mi niño se atragantó
""",
    "stroke": """
I think my mom is having a stroke
his face is drooping
my face is numb on one side
slurred speech and weak arm
her speech is slurred
my dad cant talk right and his arm is weak
worst headache of my life
I suddenly went blind
sudden confusion
tiene la cara caída
un derrame cerebral
mi mamá no puede hablar
se le torció la boca, boca torcida
el peor dolor de cabeza de mi vida
lado izquierdo paralizado
""",
    "bleeding": """
it wont stop bleeding
bleeding wont stop
I am bleeding heavily
bleeding a lot
throwing up blood
coughing up blood
vomitting blood
losing a lot of blood
no para de sangrar
estoy sangrando mucho
vomitando sangre
tosiendo sangre
mucha sangre
""",
    "anaphylaxis": """
my throat is closing
throat is swelling up
my tongue is swollen
lips are swelling after peanuts
used her epipen
severe allergic reaction
anaphylaxis
se me cierra la garganta
tengo la lengua hinchada
se me hinchó la cara
reacción alérgica muy grave
""",
    "unconscious": """
he passed out
she fainted
she wont wake up
cant wake him up
he is unconscious
unconcious
not responding
he collapsed
se desmayó
mi papa esta inconsciente
no responde
no despierta
inconciente
""",
    "seizure": """
having a seizure
he had a seisure just now
seizing now
convulsions
tiene convulsiones
está convulsionando
ataque epiléptico
""",
    "overdose": """
I think he overdosed
overdose
OVER DOSED on pills, overdosed
we gave narcan
sobredosis
""",
    "poison": """
my toddler drank bleach
swallowed a battery
she took too many pills
he ate a whole bottle of gummies, too many gummies
took too much tylenol
kid got into my meds
poisoned
mi hijo tomó cloro
se tragó una pila
tomó muchas pastillas
se envenenó
""",
    "self-harm": """
I want to die
i want to kill myself
I wanna die
thinking about suicide
feeling suicidal
sucidal
suicidle thoughts
I dont want to live anymore
i don't want to be here anymore
everyone would be better off without me, better off dead
going to end my life
i want to end it all
I am going to hurt myself
cutting myself again
no reason to live
I am going to kill him
quiero morir
quiero morirme
ya no quiero vivir
me quiero matar, matarme
pienso en el suicidio
pensamientos suicidas
quitarme la vida
quiero hacerme daño
estaría mejor muerta
""",
    "pregnancy": """
I'm pregnant and bleeding
28 weeks and bleeding
my water broke
baby stopped moving
the baby isnt moving
having contractions
estoy embarazada y sangrando
se me rompió la fuente
el bebé no se mueve
embarazada con mucho dolor
""",
    "newborn": """
my newborn has a fever
baby has fever
3 week old with fever
baby wont eat
mi bebé tiene fiebre
recién nacido con calentura
el bebe no quiere comer
""",
    "abdomen": """
severe stomach pain
terrible pain in my abdomen
stomach hurts so bad
dolor muy fuerte de estómago
me duele mucho la barriga
""",
    "testicle": """
sudden testicle pain
my testicle hurts
dolor en el testículo
""",
    "head-injury": """
he hit his head
hit my head hard
se golpeó la cabeza
se pegó en la cabeza
""",
    "meningitis": """
stiff neck and fever
cuello tieso y fiebre
""",
}

#: A flag is there, and is denied, past, or only an emergency in name: a nurse asks.
UNSURE: Final = """
no chest pain
No chest pain today, yes I'll take it
I don't have chest pain
im not suicidal
i am not going to hurt myself
no trouble breathing
no fever or chest pain
never had a seizure
denies chest pain
without chest pain
the chest pain is gone
chest pain: no
chest pain? none
I had a heart attack last year
had a stroke 3 years ago
history of seizures
seizure in 2019
my chest pain went away
sin dolor de pecho
no tengo dolor de pecho
ya no tengo dolor en el pecho
nunca tuve un infarto
no tiene convulsiones
tuve un infarto el año pasado
hace 3 años tuve un derrame
antecedentes de convulsiones
ni dolor de pecho ni fiebre
should I call 911?
911
this is an emergency
im in the er
need an ambulance
I'm dying
sob
es una emergencia
voy a llamar al 911
estoy en la sala de emergencias
"""

#: Nothing of the kind. The replies of `tests.outreach.reply_table` belong here, too.
ORDINARY: Final = """
C
c
9:40
9:40 AM works
Tuesday at 3
10/12/1980
03-14-1975
March 14 1975
1980
7
12
ok thanks
Ok, thank you so much
see you then
on my way
running late
I am stuck in traffic
what is the address
where do I park
is this for my eye exam
can my daughter come with me
do I need to fast
how much will it cost
do you take Aetna
my insurance changed
can I bring my kids
is there anything in the afternoon
Can you call me
call me back please
who is this
I already have an appointment
I moved to Tucson
I'd be dying to see Dr. Park sooner lol
I need a refill
my knee hurts
my back hurts
sore throat
I have a cold
headache
I have a rash
follow up for my blood pressure
blood test
do I need blood work
is my blood work back
physical
flu shot
checkup
breast exam
mammogram
for my son's ear
my daughter has a cough
I broke my phone
stop
STOP please
cancel
I can't stop laughing
can't make it
I can't come, my car broke down
I have a family emergency
work is killing me this week
this wait is killing me
that's great news
heartfelt thanks
the pills are fine
I need my pills refilled
bill question
too many bills
please stop sending so many texts
I will take the first one
I'd rather wait
wait list please
my breath smells
I lost my job
I have a pressing meeting
Sí, gracias
si
SI
No puedo
no gracias
a las 9:40
el martes a las 3
14 de marzo de 1975
gracias, ahí estaré
voy en camino
llego tarde
dónde queda
cuánto cuesta
aceptan mi seguro
me pueden llamar
quién es
necesito cambiar la cita
puedo llevar a mi hija
me duele la rodilla
me duele la garganta
tengo gripe
tengo tos
resultados de sangre
examen de sangre
necesito mi receta
mi presión está bien
no puedo ir mañana
se me hizo tarde
qué calor
no hay problema
con mucho gusto
mucho gusto
el corazón de la ciudad
la doctora del corazón
perdí el papel
no me llegó el mensaje
"""


def lines(table: str) -> list[str]:
    return [line for line in table.splitlines() if line.strip()]
