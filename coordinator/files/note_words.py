"""The sentences of the notes of a plan, by kind, in both languages."""

from coordinator.files.values import Text

WORDS = {
    "gate": Text(
        en="{title}: only once this is settled ({earlier}): {gate}.",
        es="{title}: solo cuando esto esté resuelto ({earlier}): {gate}.",
    ),
    "optional": Text(
        en="{title}: in the plan until it is decided; it may be left out.",
        es="{title}: en el plan hasta que se decida; se puede quitar.",
    ),
    "valid-for": Text(
        en="{title}: good for {days} days; if what it is for moves further away, it has to be repeated.",
        es="{title}: válido {days} días; si lo que depende de ello se aleja más, hay que repetirlo.",
    ),
    "blood-thinner-check": Text(
        en="{title}: ask about blood thinners before the date is confirmed.",
        es="{title}: preguntar por anticoagulantes antes de confirmar la fecha.",
    ),
    "hard-max": Text(
        en="{title}: never later than its last day, whatever else has to move.",
        es="{title}: nunca después de su último día, aunque haya que mover lo demás.",
    ),
    "instead-of": Text(
        en="{title}: this stands in for another step; check whether to leave that out: {other}.",
        es="{title}: sustituye a otro paso; comprobar si hay que quitarlo: {other}.",
    ),
    "same-time": Text(
        en="{title}: the same time of day is {strength} for the whole series.",
        es="{title}: se desea la misma hora del día para toda la serie.",
    ),
    "background": Text(
        en="{title}: needs a {role_name} in the house, for at most {at_most} patients at once.",
        es="{title}: necesita {role_name} en la casa, para {at_most} pacientes a la vez como máximo.",
    ),
    "days-before-unknown": Text(
        en="{title}: the days before ({other}) depend on the medicine ({choices}), and none is on file.",
        es="{title}: los días previos ({other}) dependen del medicamento ({choices}) y no consta ninguno.",
    ),
    "days-before-longest": Text(
        en="{title}: {days} days before ({other}), the longest for {conditions}.",
        es="{title}: {days} días antes ({other}), el plazo más largo de {conditions}.",
    ),
    "not-reviewed": Text(
        en="{title}: a study of {done_on} is on file; once this is confirmed, it can be waived: {needs}.",
        es="{title}: consta un estudio del {done_on}; cuando se confirme esto, se puede omitir: {needs}.",
    ),
    "wished-bundle": Text(
        en="As many of these as possible on one day: {steps}.",
        es="Cuantos más de estos en un mismo día, mejor: {steps}.",
    ),
    "wished-order": Text(
        en="Wished on one day, in this order: {steps}.",
        es="Se desean en un mismo día, en este orden: {steps}.",
    ),
    "bundle-idle": Text(
        en="At most {minutes} minutes of waiting between these on one day: {steps}.",
        es="Como máximo {minutes} minutos de espera entre estos en un mismo día: {steps}.",
    ),
    "min-gap": Text(
        en="Earlier treatments count too: at least {days} days between two of these{where}: {steps}.",
        es="También cuentan los anteriores: al menos {days} días entre dos de estos{where}: {steps}.",
    ),
    "rolling-limit": Text(
        en="Earlier treatments count too: at most {at_most} in {window_days} days{where}; "
        "this plan has {planned}: {steps}. {remark}",
        es="También cuentan los anteriores: como máximo {at_most} en {window_days} días{where}; "
        "este plan tiene {planned}: {steps}. {remark}",
    ),
    "required-positive": Text(
        en="{before}: only after {at_least} results of at least {percent} %: {steps}.",
        es="{before}: solo después de {at_least} resultados de al menos el {percent} %: {steps}.",
    ),
    "not-same-day": Text(
        en="Not on the same day as {others}: {steps}.",
        es="No en el mismo día que {others}: {steps}.",
    ),
    "requires-active": Text(
        en="Only while this goes on ({of}): {steps}.",
        es="Solo mientras continúe esto ({of}): {steps}.",
    ),
    "no-therapy-before": Text(
        en="No treatment begins before these are done: {steps}.",
        es="Ningún tratamiento empieza antes de terminar estos: {steps}.",
    ),
    "one-region-per-visit": Text(
        en="One region in a visit only: {steps}.",
        es="Una sola región por visita: {steps}.",
    ),
    "attendance-target": Text(
        en="The patient should be at {percent} % of the programme at least.",
        es="El paciente debería asistir al menos al {percent} % del programa.",
    ),
    "window": Text(
        en="At most {at_most} of these in {days} days: {of}.",
        es="Como máximo {at_most} de estos en {days} días: {of}.",
    ),
    "bleeding-risk": Text(
        en="Bleeding risk of {steps}{others}: {level}.",
        es="Riesgo de sangrado de {steps}{others}: {level}.",
    ),
}
