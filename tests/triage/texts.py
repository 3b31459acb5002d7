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
I've never had chest pain this bad
I have never had chest pain before
nothing I take helps my chest pain
the meds arent helping my chest pain
please dont ignore my chest pain
no relief from chest pain
chest pain no joke
chest pain no fever
my chest pain hasnt stopped
chest pain is not gone
didnt sleep because of chest pain
still have chest pain since last week
chest pain for the past week
had chest pain last year and it is worse now
nunca habia tenido tanto dolor de pecho
me duele el pecho y no puedo ir
me duele el pecho ya no aguanto
no duermo por el dolor de pecho
hace una semana que me duele el pecho
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

#: Written after the list, to see what it overlooks (docs/safety.md has what it found at first).
ALARMING: Final = """
i cnat breathe
my baby isn't breathing
hubby grabbing his chest and sweating
my left arm is numb and my chest feels weird
pressure on my chest wont go away
im gasping for air pls help
she cant get enough air
my inhaler isnt working I can barely breathe
grandma's face is droopy and she talks funny
dad suddenly cant see out of one eye
mom is talking gibberish and can't lift her arm
i cut my hand and the blood wont stop
there is so much blood
puking blood since this morning
stung by a bee and my face is swelling
hives all over and my throat feels tight
he took all his pills
my son swallowed a button battery
daughter ate rat poison
she is foaming at the mouth and shaking
he's having fits
I don't see the point in living
i have a gun and i want to use it on myself
nobody would miss me if i was gone
I'm going to jump off a bridge
im 34 weeks and haven't felt the baby move
bleeding at 10 weeks pregnant
my 2 month old has a temp of 101.5
he fell off a ladder and hit his head and is confused
I fainted twice today
cant feel my legs
worst pain of my life in my stomach
mi esposo no despierta
a mi mamá se le durmió la mitad de la cara
no puedo respirar bien desde anoche
mi hija se tomó un frasco de pastillas
me quiero quitar la vida
estoy vomitando mucha sangre
tengo 8 meses y estoy sangrando
me pica la garganta y se me está cerrando
creo que me está dando un infarto
mi bebé de un mes tiene calentura
se cayó y se pegó en la cabeza
ya no aguanto, quiero acabar con todo
siento que me aprieta el pecho
se desmallo mi papa
combulsiones
me estoy desangrando
le dio un derrame a mi tio ahorita
el niño se tomó el clorox
having a lot of pressure in chest area since an hour
my heart feels like its being squeezed
chest burning going down my arm
cant breath right help
i am so short of breth walking to bathroom
my kid is wheezing and his ribs are pulling in
roommate turned blue
i feel like im choking
my husbands speech is all messed up
one side of my moms face dropped
woke up and cant move my left side
head hurts worse than ever, exploding
nose bleed that has not stopped for an hour
i'm bleeding through a pad every 20 min
threw up something that looks like blood
face puffed up after new antibiotic and throat itchy
took one of those pills and now my tongue is huge
we cant wake grandpa
she just dropped to the ground and isnt answering
my brother is having convultions
i accidentally took double my insulin
2 yr old got into the tylenol bottle
kid drank windex
i took something to end it
been thinking about killing myself
i wish i would just die
my daughter is cutting herself
he says he's going to shoot himself
gonna hurt somebody
water just broke and its green
i think im miscarrying
baby is 3 weeks and feels really hot and wont nurse
his stomach is hard as a rock and he is screaming
testicle swollen and killing me
car flipped over and my neck hurts
high fever and cant bend my neck
tengo un dolor horrible en el pecho que no se quita
siento el pecho muy apretado y me falta el aire
mi abuelo no reacciona
a mi esposo se le cayó un lado de la cara
no puedo mover el brazo derecho
me sale mucha sangre de la nariz y no para
vomité sangre hace rato
se me hincharon los labios y la lengua
mi niña está convulsionando
se tragó unas pastillas de mi mamá
mi hijo bebió cloro
ya no quiero estar aquí, me quiero morir
he pensado en matarme
voy a lastimarme
se me rompió la bolsa de agua
tengo 30 semanas y no siento que se mueva
mi recién nacido no quiere comer y tiene temperatura
me duele horrible el estómago y no puedo ni caminar
se pegó bien fuerte en la cabeza
me está dando algo en el corazón
creo que me voy a desmayar
no puedo tragar y tengo la cara hinchada
le cuesta mucho respirar a mi bebé
mi papá está muy confundido de repente
mom says her chest is bothering her and she's clammy
tightness across my chest all nite
grandpa stopped breathing!!
i keep gasping and cant talk full sentences
my daughter's lips look bluish
there's food stuck in his throat and he cant cough
my wife's smile is crooked and she's slurring
dad is confused and keeps dropping things with his right hand
blood is gushing from my leg
coughed up a bunch of blood
ate a cashew and my throat is getting tight
he is passed out on the floor
she won't respond to me
my son is having a fit and shaking all over
i think my friend OD'd
toddler swallowed a magnet
took 20 advil by accident
life isnt worth living
i'm thinking of ending it tonight
i cut my wrists
my teen said she wants to disappear forever
pregnant and my vision is blurry with a bad headache
I'm 20 weeks and there's blood
newborn temp is 100.9
stomach pain so bad i can't stand up
one of my balls hurts really bad all of a sudden
fell down the stairs and hit my head, throwing up
rash and stiff neck w fever
tengo presion en el pecho y sudo frio
se me duerme el brazo izquierdo y me duele el pecho
mi niño no puede respirar
se esta ahogando con un dulce
mi mama habla enredado y no mueve la mano
me corté y sangra muchísimo
mi hermano está inconsciente en el baño
le están dando convulsiones al bebé
la niña comió veneno para ratas
no quiero seguir viviendo
me voy a matar
estoy embarazada y tengo un dolor de cabeza muy fuerte y veo borroso
"""

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
chest pain has stopped
chest pain: no
chest pain no
I have had no chest pain since last week
not having chest pain now
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
Can I get my flu shot at the same visit
do you have anything on the 14th
I take blood pressure pills in the morning, is that ok before the visit
yes I can be there by 8
my husband will drive me
is dr chen a heart doctor
do you treat children
can I do a video visit instead
what's the copay
I'm at the front door
the link doesn't work
it says expired
I need to see someone about my diabetes
need my A1C checked
can you fax my records
please send the address again
my daughter will come with me she is 16
I don't drive at night
no I work that day
I can't that week, sorry
after 5 pm only
tell him thanks
we are on vacation until the 3rd
can't hear well on the phone, text is better
do I still need the MRI
I'm allergic to penicillin, just so you know
I have a small rash on my arm
knee still swollen after surgery
my ear is clogged
cough for a week
runny nose and sneezing
can I eat before
I was told to come in 2 weeks
is there parking for wheelchairs
what should I bring
My insurance is Blue Cross
I turned 65 in March
please take me off the list
I'm good with either one
sooner is better
Thanks, you're a lifesaver
I would kill for an earlier slot haha
dead tired after work but I'll come
my phone died sorry
the baby's checkup is next week
first visit for my newborn
pregnant, 12 weeks, first visit
I'd like the morning one
quiero la de las 9
me queda lejos
puede ser por la tarde
tengo cita con el dentista
no tengo carro
cuánto dura la consulta
llevo mis medicinas
soy alérgica a la penicilina
es para mi mamá
está bien gracias
mi hijo tiene 3 años
necesito intérprete
ya tengo otra cita
cuándo abren
my kids have soccer at 4
I'd prefer a female doctor
is it a blood draw or urine test
my mom passed away, please remove her
I had surgery in May
still taking the antibiotics
could you move it to the afternoon
the pharmacy never got it
my chest x-ray was last week, do you have it
do you do allergy shots
hit traffic, 10 min late
I burned dinner so running behind lol
I can't find the building
ok see u soon
my arm is in a cast, is that ok
physical therapy at 2 conflicts
no thank you I feel better now
is this covered under my plan
we moved from texas
she is feeling fine now, cancel please
What floor
Dr. Reyes please
yes, and thank you for calling
can't wait
new phone who dis
can I get the results by email
I don't want this anymore
me tengo que ir al trabajo
me siento mejor, gracias
mi niña ya está bien
puedo llegar 15 minutos tarde
tomo pastillas para la presión
necesito el examen del azúcar
no me interesa
me confundí de día
la clínica de la calle 7
mándeme la dirección
estoy en el carro ya llego
mi esposo me lleva
que tenga buen día
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
