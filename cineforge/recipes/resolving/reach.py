"""Which entities the inputs of a stage reach, seen from one of its instances."""

from __future__ import annotations

from collections.abc import Mapping

from cineforge.model.errors import suggestion
from cineforge.recipes.modules.manifest import InputEntry
from cineforge.recipes.modules.module_folder import FoundModule
from cineforge.recipes.resolved import Domain, Reach, ResolvedInput
from cineforge.recipes.resolving.feeds import Feed
from cineforge.recipes.resolving.partial_recipe import Draft, DraftStage


def domains_of(draft: Draft) -> dict[str, Domain]:
    """Every entity type that a fan-out of the recipe names."""
    return {
        output.type: Domain(output.type, stage.id, stage.entry.for_each)
        for stage in draft.stages.values()
        for output in stage.outputs
        if output.many
    }


class Reacher:
    """Resolves the reach of each fed input; what a module cannot take that way is reported to the draft."""

    def __init__(self, draft: Draft, domains: Mapping[str, Domain]) -> None:
        self._draft = draft
        self._domains = domains
        #: Stages whose for_each is in doubt: what reads them is not judged, so that one mistake is told once.
        self._doubtful: set[str] = set()

    def resolve(
        self, stage: DraftStage, found: FoundModule, feeds: Mapping[str, Feed]
    ) -> tuple[ResolvedInput, ...]:
        """The inputs with their reach. Reports those that the stage cannot take as its module wants them.

        To be called in the order of the stages.
        """
        if not self._check_for_each(stage):
            self._doubtful.add(stage.id)
            return ()
        inputs = [self._resolved(stage, found, name, feed, feeds) for name, feed in feeds.items()]
        return tuple(item for item in inputs if item is not None)

    def _resolved(
        self,
        stage: DraftStage,
        found: FoundModule,
        name: str,
        feed: Feed,
        feeds: Mapping[str, Feed],
    ) -> ResolvedInput | None:
        spec = found.manifest.inputs[name]
        many_here = feed.output is not None and feed.output.many
        if feed.producer is not None and feed.producer.id in self._doubtful and not many_here:
            return None
        domain = self._domain(stage, spec, feed)
        reach = self._reach(stage, name, spec, feed, domain)
        if reach is None:
            self._doubtful.add(stage.id)
            return None
        if reach is Reach.PARENT and feed.artifact_type == stage.refines:
            message = f"it refines the '{feed.artifact_type}' of its parent, and there would be many next versions"
            self._draft.report(stage.place("for_each"), message, f"write for_each: {domain}")
            return None
        if reach is Reach.SELECTED and not self._can_select(stage, found, name, feeds):
            return None
        made_here = self._domains.get(domain) if domain else None
        return ResolvedInput(
            name=name,
            artifact_type=feed.artifact_type,
            reach=reach,
            producer=feed.producer.id if feed.producer else None,
            domain=domain,
            fan_out=made_here.stage if made_here else None,
            selector=found.selector(name),
            optional=self._is_optional(stage, spec, feed),
        )

    @staticmethod
    def _is_optional(stage: DraftStage, spec: InputEntry, feed: Feed) -> bool:
        if feed.producer is None:
            return feed.artifact_type in stage.entry.optional_store_inputs
        return spec.optional

    def _domain(self, stage: DraftStage, spec: InputEntry, feed: Feed) -> str | None:
        """The entity type whose members have the artifacts of a feed; None when there is just one artifact."""
        if feed.producer is None:
            if spec.many:
                return feed.artifact_type
            return stage.entry.for_each if spec.per_entity else None
        if feed.output is not None and feed.output.many:
            return feed.artifact_type
        return feed.producer.entry.for_each

    def _reach(
        self, stage: DraftStage, name: str, spec: InputEntry, feed: Feed, domain: str | None
    ) -> Reach | None:
        for_each = stage.entry.for_each
        if feed.producer is None and spec.per_entity and for_each is None:
            message = f"the input '{name}' is read for each entity, but the stage has no for_each"
            self._draft.report(stage.place(), message, "add for_each: <entity type>")
            return None
        if not spec.many:
            if domain is None:
                return Reach.PROJECT
            if domain == for_each:
                return Reach.SAME
            if domain in self._ancestors(for_each):
                return Reach.PARENT
            message = (
                f"the input '{name}' takes one artifact, but there is {feed} for each {domain}"
            )
            hint = f"write for_each: {domain}, or set many: true for '{name}' in the module.yaml"
            self._draft.report(stage.place("for_each"), message, hint)
            return None
        if domain is None:
            message = f"the input '{name}' takes many, but there is only one {feed}"
            hint = f"remove many: true of '{name}' in the module.yaml, or read a fan-out's type"
            self._draft.report(stage.place("needs"), message, hint)
            return None
        if spec.select is not None:
            return Reach.SELECTED
        return Reach.CHILDREN if for_each in self._ancestors(domain) else Reach.ALL

    def _ancestors(self, entity_type: str | None) -> list[str]:
        """The entity types that a type is nested in, nearest first."""
        chain: list[str] = []
        while entity_type is not None and entity_type in self._domains:
            entity_type = self._domains[entity_type].parent
            # A mistaken recipe may nest types in a ring; that is reported where the stages need each other.
            if entity_type is None or entity_type in chain:
                break
            chain.append(entity_type)
        return chain

    def _can_select(
        self, stage: DraftStage, found: FoundModule, name: str, feeds: Mapping[str, Feed]
    ) -> bool:
        selector = found.selector(name)
        selecting = feeds.get(selector.input) if selector else None
        if selector is None:
            return False
        if selecting is None:
            # A required input that nothing feeds is reported already.
            if found.manifest.inputs[selector.input].optional:
                message = f"the input '{name}' selects by '{selector.input}', which nothing feeds"
                self._draft.report(stage.place("needs"), message, "feed that input too")
            return False
        if selecting.producer is not None and selecting.producer.is_fan_out:
            return True
        # Only a fan-out's artifacts are there when Snakemake asks which files the input means.
        message = f"the input '{name}' selects by '{selector.input}', but {selecting} does not come out of a fan-out"
        self._draft.report(
            stage.place("needs"), message, "select by an artifact that a fan-out emits"
        )
        return False

    def _check_for_each(self, stage: DraftStage) -> bool:
        """Whether a fan-out upstream names the for_each of a stage; reported if not."""
        wanted = stage.entry.for_each
        if wanted is None:
            return "for_each" not in stage.unread
        upstream = self._draft.upstream(stage)
        names = {output.type for other in upstream for output in other.outputs if output.many}
        if wanted in names:
            return True
        if any(self._draft.is_vague(its) for its in (stage, *upstream)):
            return False
        place = stage.place("for_each")
        message = f"no fan-out that '{stage.id}' needs emits many '{wanted}'"
        if wanted in self._domains and self._domains[wanted].stage != stage.id:
            maker = self._domains[wanted].stage
            self._draft.report(place, message, f"stage '{maker}' does: add '{maker}' to needs")
        else:
            self._draft.report(place, message, suggestion(wanted, sorted(names or self._domains)))
        return False
