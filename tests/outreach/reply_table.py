"""Texts as patients write them, by the way they must be understood; one a line.

"en:" or "es:" in front means that the patient's language matters to the reading.
"""

# ruff: noqa: RUF001 (phones type curly apostrophes)

from __future__ import annotations

from typing import Final

from outreach.rules.replies import ReplyKind

_TABLE: Final[dict[ReplyKind, str]] = {
    ReplyKind.YES: """
yes
YES
Yes.
YES!!!
 yes
y
Y
Yess
yesss
YESSSSS
yse
Yees
yep
Yepp
yup
Yea
yeah
Yeah!
yeahhh
yea thanks
yes please
Yes, please!
yes thank you
Yes thank you so much
YES PLEASE THANK YOU
yes sir
Yes ma'am
Yes I’ll take it
I'll take it
ill take it please
I will take it. Thank you!
Sure
sure thing
ok
OK
Ok thanks
Okay
okay great
okayy
Sounds good
That works
that works for me, thanks!
Works for me
Absolutely!
definately
Of course
Perfect, yes
Great, I'll take it
Book it please
Count me in
Reply YES
“YES”
"Yes"
*yes*
y e s
hi yes please
Yes yes yes
yes 😊
Yes 🙏🏽
YES ❤️
👍
👍🏻
👍🏿
👍👍
👍🏽 thanks
✅
✔️
☑️
👌🏼
🆗
Yes to take it
yes I can
si
SI
Sí
sí.
SÍ!!
Si´
sii
Siii
¡Sí!
Si por favor
Sí, por favor
si gracias
Sí, muchas gracias
Sí señora
claro
Claro que sí
por supuesto
Acepto
Si acepto
la quiero
Sí, la quiero
la tomo gracias
me la quedo
De acuerdo
dale
vale, gracias
Está bien
esta bien gracias
me sirve
Sí me sirve, gracias
Me parece bien
Ok gracias
oki
Hola, sí por favor
Buenos días, sí
si Dios le bendiga
Sí 👍
ahí estaré
Con mucho gusto
Yes\\nSent from my iPhone
en: ya
es: va
es: sale
""",
    ReplyKind.NO: """
no
NO
No.
No!
n
noo
Nooo
nope
Nop
nah
No thanks
no thank you
No, thank you!
No ty
Not interested
I'm not interested
Not this time
not today
not now, thanks
No can do
I can't
cant
I can’t make it
can't make it
I can't do that day
that doesn't work for me
doesnt work
Won't work for me, thanks
I'll pass
pass
Decline
No I'm working
No, I have to work. Thanks
no too early
no, I'm busy that day
I'll keep my appointment
No thanks, I'll keep my original appointment
no keep what I have
👎
👎🏾
❌
🚫
No 👎
no gracias
No, gracias.
No puedo
no puedo gracias
No podré
no voy a poder
Ahora no
hoy no
Hoy no, gracias
no sorry
lo siento no puedo
Esta vez no, gracias
No me sirve
no me conviene
No la quiero
no me interesa
Ese día no puedo
no puedo ese día
No puedo, tengo que trabajar
no estoy interesada
mejor no
Prefiero mi cita
no, prefiero la mía
""",
    ReplyKind.STOP: """
STOP
stop
Stop
 stop
StopAll
UNSUBSCRIBE
unsubscribe
cancel
CANCEL
Cancel.
CANCEL!!
End
QUIT
optout
REVOKE
STOP.
stop!!!
stpo
sotp
STOPP
stooop
S T O P
s.t.o.p.
stop all
Stop please
please stop
Please stop.
ok stop
Stop it
stop this
STOP STOP STOP
Stop I don't want these
No. Stop
no stop
Stop?
please stop texting me
Stop texting me!
stop txting me
Quit texting me
stop sending me messages
Stop sending these
STOP ALL MESSAGES
stop all texts
stop the texts please
can you stop texting me?
Could you please stop sending me texts?
why won't you stop texting me
don't text me
Do not text me again
dont text this number
Please do not contact me again
never text me again
don't send me any more texts
No more texts
no more messages please
I don't want these messages
i dont want any more texts
I do not want to get texted
remove me
Remove me from your list
take me off your list
Please take my number off
delete my number
please remove this number
Remove me from this
Take us off the text list
can you stop reminding me
unsubscribe me
unsubcribe
how do I unsubscribe?
opt out
Opt-out
opt me out please
I want to opt out
Leave me alone
lose my number
I revoke my consent
cancel my subscription
cancel these texts
cancel text messages
🛑
alto
ALTO.
basta
Ya basta
parar
Pare
paren por favor
de baja
darme de baja
Quiero darme de baja
Deme de baja por favor
no más
no mas mensajes
No más textos por favor
no me manden más mensajes
no me mande mensajes
No me escriban
no me escriban mas
no me envíen nada
no me molesten más
No quiero recibir mensajes
no quiero más textos
No deseo recibir sus mensajes
dejen de mandarme mensajes
Deje de enviar textos
paren de escribirme
Bórrenme de la lista
quítenme de su lista
borre mi número
Dejenme en paz
cancelar mensajes
cancelar suscripción
basta de mensajes
""",
    ReplyKind.WRONG_NUMBER: """
wrong number
Wrong number!
WRONG NUMBER STOP TEXTING ME
Sorry wrong number
You have the wrong number
you've got the wrong person
wrong #
worng number
wrong phone number
This is not my number
this is not her number
There is nobody here by that name
No one here with that name
I'm not that person
Is this the wrong number?
número equivocado
Numero equivocado, no soy Maria
Número incorrecto
se equivocó de número
Creo que se equivocaron de persona
este no es su numero
no soy esa persona
persona equivocada
Está equivocado de número
""",
    ReplyKind.START: """
start
START
Start.
UNSTOP
unstop
start please
Reply START
strat
comenzar
Iniciar
""",
    ReplyKind.HELP: """
help
HELP
Help!
help?
help please
hlep
info
INFO
ayuda
AYUDA por favor
ayda
""",
    ReplyKind.CANCEL_VISIT: """
C
c
c please
cancel my appointment
Cancel my appointment please
cancel my appt
please cancel
I need to cancel
I need to cancel my appointment on Friday
Can you cancel my appointment?
can you please cancel it
cancle my apt
cancle
want to cancel tomorrow
I have to cancel my visit
I can't make it on Tuesday
I cant make it tomorrow
I can’t come to my appointment
won't be able to make it today
I'm not able to make it Thursday sorry
unable to come tomorrow
No, I can't come, please cancel
I don't need my appointment anymore
I no longer need the appointment
cancelar mi cita
Cancelar
quiero cancelar mi cita
Necesito cancelar
cancele mi cita por favor
Cancelen la cita
No puedo ir a mi cita
no puedo ir mañana
No puedo el martes
mañana no puedo
No voy a ir a la cita
ya no necesito la cita
no voy a poder asistir a mi cita del lunes
""",
    ReplyKind.THANKS: """
thanks
Thank you!
thank you so much
Thx
ty
Great, thanks
perfect
Awesome thank you
gracias
Muchas gracias!
Gracias, muy amable
Perfecto, gracias
Dios los bendiga
🙏
❤️
😊
see you then
Liked “You are booked: Tue Dec 1, 9:40 AM, Riverside.”
Loved "You are booked: Tue Dec 1, 9:40 AM, Riverside."
Le gustó “Su cita está reservada: mar 1 dic, 9:40 AM”
👍 to “Riverside: earlier time open, Tue Dec 1, 9:40 AM.”
es: bien, gracias
""",
    ReplyKind.QUESTION: """
?
yes but can it be later?
Yes?
no?
👍?
yes or no?
can I come earlier
What time
what time is it at
Yes what time
ok where is it
Where is it?
How long will it take
Is this real?
is it with the same doctor
do I need to fast
Do you have anything in the afternoon?
Any time Friday?
I can't make it, do you have Friday?
can I bring my son
Can you call me
call me please
Please call me back
I need to talk to someone
I need help
I need to reschedule
Can I reschedule?
reschedule please
Change my appointment
Do you have another day
Is there a different time
I have a question
should I stop taking aspirin before
Stop by at 3?
what happens if I cancel?
why was my appointment canceled?
¿Puede ser más tarde?
Puede ser mas tarde
si pero puede ser más tarde
¿A qué hora?
a que hora es
Dónde es
¿Cuánto cuesta?
cuanto cuesta
Tengo una pregunta
Hay otro día
Otra hora por favor
necesito cambiar mi cita
Me pueden llamar
llámeme por favor
necesito ayuda
Puedo llevar a mi hijo
por qué no
Sí, pero más temprano no
¿La quiere? Responda SI o NO. STOP: no más textos.
Cómo no
""",
    ReplyKind.WHO: """
who is this
Who is this?
Whos this
who dis
Who are you??
Sorry, who is this?
Hi who is this please
who is texting me
Do I know you?
quién es
¿Quién es?
Hola, ¿quién habla?
quien me escribe
¿De parte de quién?
""",
    ReplyKind.CHOICE: """
1
2
#2
1.
yes 1
2 please
Option 2
the second one
the first
one
La 2
La segunda por favor
quiero la primera
dos
""",
    ReplyKind.UNCLEAR: """
10
1 and 2
12
no 2
3
3pm
9:40
Tuesday
maybe
Maybe yes
I think so
probably
not sure
Yes if it's with Dr. Lee
yes, but only if it is after 3
Yes but I need a ride
yes unless it snows
yes and cancel my old one
Yes no
yes / no
👍👎
not yes
Yes, no wait
no problem
No problem, yes
no worries
Why not
can't wait
Yes! Can't wait!
yes 🤔
yes :/
yes 9:40
yes Tuesday
Yes this is Maria
yes I am sick
yes chest pain
I am having chest pain
Yes2
yes to Tuesday but not Wednesday
I can
si puedo
if I can
confirm
k
ye s
yet
step
stoop
top
now
know
snow
si no
no si
sin falta
nose
tal vez
quizás
a lo mejor
si es con la doctora
Sí si me llevan
no hay problema
sin problema
Hi
hello
Hola
good morning
please
por favor
test
lol
😂
🤷‍♀️
🤒
don't stop texting me
please don't stop
I will stop by tomorrow
at the bus stop
my appointment is at the Main St stop
Don't cancel my appointment
please do not cancel
No cancele mi cita
no me cancelen la cita
I did not cancel my appointment
my appointment was canceled
me cancelaron la cita
I have cancer
she passed away
he died last month
falleció
I moved to Texas
No, she is in the hospital
I'm running late
ok sorry
claro que no
of course not
no deal
take it easy
ok thanks for letting me know
take me off the 9am
remove me from Tuesday
Remove me from the waiting list
quíteme de la lista de espera
take me to the clinic
don't text my wife
stop taking my meds
it doesn't work on my phone
Want it. Reply YES or NO. STOP to end texts.
Reply YES to take it, NO to pass, STOP to end texts.
Disliked “Riverside: earlier time open, Tue Dec 1, 9:40 AM.”
Laughed at “Riverside: earlier time open, Tue Dec 1, 9:40 AM.”
Yes “Riverside: earlier time open, Tue Dec 1. Reply YES to take it”
是的
👶
es: ya
en: va
en: sale
xx: ya
""",
}


def rows() -> list[tuple[str, str, ReplyKind]]:
    """Language, text, and how it must be read."""
    found = []
    for kind, listed in _TABLE.items():
        for line in listed.strip("\n").split("\n"):
            language, text = line.split(": ", 1) if line[2:4] == ": " else ("en", line)
            found.append((language, text.replace("\\n", "\n"), kind))
    return found
