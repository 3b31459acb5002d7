"""Words that a template translates by a variable, so that `make messages` finds them.

`{% translate role %}` looks up whatever the variable says; who gathers the messages sees the
variable only. Each line names what is shown so, and where it comes from.
"""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop as _

#: `crm.states.Role`, in the user's menu.
ROLES: Final = (
    _("agent"),
    _("nurse"),
    _("front-desk"),
    _("manager"),
    _("marketing"),
    _("admin"),
    _("integration"),
)
#: `desk.states.VersionStatus`, as its choices say it.
VERSIONS: Final = (_("Draft"), _("Scheduled"), _("Published"), _("Retired"))
#: `desk.rules.texts.LineChange.kind`.
CHANGES: Final = (_("added"), _("removed"))
#: Languages of an article.
LANGUAGES: Final = (_("English"), _("Spanish"))
#: `crm.states.InterpreterKind`, where no service is named.
INTERPRETERS: Final = (_("service"), _("staff"), _("companion"))
