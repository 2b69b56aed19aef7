"""Points of a space that fill it evenly, without a study."""

from __future__ import annotations

from sweeper.config.space import Domain, Space, Value


def draws(space: Space, count: int, seed: int = 0) -> list[dict[str, Value]]:
    """`count` points by Optuna's quasi-random sampler (scrambled Sobol), as the Tuning Playbook advises to explore.

    Args:
        space: what is drawn from.
        count: how many.
        seed: of the scrambling.
    """
    import optuna

    from sweeper.study.quiet import quiet_optuna
    from sweeper.study.search.samplers import make_sampler
    from sweeper.study.search.source import distribution

    with quiet_optuna():
        kinds = {name: distribution(domain) for name, domain in space.dimensions.items()}
        study = optuna.create_study(sampler=make_sampler("qmc", seed, kinds))
        return [_active(space, dict(study.ask(kinds).params)) for _ in range(count)]


def _active(space: Space, values: dict[str, Value]) -> dict[str, Value]:
    def given(name: str, _: Domain) -> Value:
        return values[name]

    return space.ask(given)
