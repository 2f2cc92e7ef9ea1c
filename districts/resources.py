"""The columns of this app's sheets in the administration."""

from import_export import fields
from import_export.widgets import ForeignKeyWidget

from districts.models import Agency, AgencyName, Membership, Person, Reading
from personnel_portal.exchange import Resource


class AgencyResource(Resource):
    class Meta(Resource.Meta):
        model = Agency
        exclude = ["folded"]


class AgencyNameResource(Resource):
    agency = fields.Field("agency", "agency", widget=ForeignKeyWidget(Agency, "short_name"))
    agency.column_name = "機關"

    class Meta(Resource.Meta):
        model = AgencyName


class PersonResource(Resource):
    """Logins stay out: they are made by invitation."""

    class Meta(Resource.Meta):
        model = Person
        exclude = ["user"]


class MembershipResource(Resource):
    class Meta(Resource.Meta):
        model = Membership
        exclude = ["plan"]


class ReadingResource(Resource):
    class Meta(Resource.Meta):
        model = Reading
        exclude = ["confirmed_by"]
