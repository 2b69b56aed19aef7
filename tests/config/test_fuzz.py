"""Whatever is typed, the answer is a configuration, a space, or one clear line; never a traceback."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from sweeper.config.build import build, dotted_keys
from sweeper.config.checks import check
from sweeper.config.compose import compose
from sweeper.config.planning import plan_space
from sweeper.config.schema import ACTIVATIONS, DECAYS, INITS, KEYS, LOSSES, OPTIMIZERS, Config
from sweeper.config.space import DEPTH, WIDTH, Space
from sweeper.errors import InputError

keys = st.sampled_from([*dotted_keys(), DEPTH, WIDTH, "space", "hydra", "hydra.run.dir", "hidden.0", "hydra/launcher"])
names = st.sampled_from([*ACTIVATIONS, *LOSSES, *OPTIMIZERS, *DECAYS, *INITS, "full", "mnist", "null", "true", "???"])
numbers = st.sampled_from(
    ["0", "1", "2", "-1", "0.5", "1e-3", "1e400", "nan", "inf", "-inf", "1_000", "007", "10" * 30]
)
numbers |= st.integers().map(str) | st.floats().map(repr)
quoted = st.text(max_size=6).map("'{}'".format) | st.text(max_size=6).map('"{}"'.format)
loose = (
    st.text(max_size=8)
    | st.text("[](){},:=$'\"\\~+@?*.e-10 \t\n", max_size=8)
    | st.sampled_from(["${l2}", "${x}", "${oc.env:HOME}"])
)


def grown(inner):
    many = st.lists(inner, max_size=3).map(",".join)
    functions = st.sampled_from(
        [
            "interval",
            "int",
            "float",
            "str",
            "bool",
            "range",
            "choice",
            "tag",
            "sort",
            "shuffle",
            "glob",
            "json_str",
            "nope",
        ]
    )
    return (
        many
        | many.map("[{}]".format)
        | st.tuples(functions, many).map(lambda pair: f"{pair[0]}({pair[1]})")
        | inner.map("tag(log,{})".format)
        | st.tuples(inner, inner).map(lambda pair: f"{{{pair[0]}:{pair[1]}}}")
    )


values = st.recursive(names | numbers | quoted | loose, grown, max_leaves=6)
overrides = st.tuples(keys, values).map("=".join) | st.tuples(st.text(max_size=5), keys, values).map(
    lambda parts: f"{parts[0]}{parts[1]}={parts[2]}"
)
lines = overrides | st.text(max_size=20)


# Well-formed and nearly right, so that what lies behind the grammar is reached too.
near = (
    st.integers(0, 300).map(str)
    | st.integers(-2, 12).map(lambda tenth: str(tenth / 10))
    | st.sampled_from(["1e-4", "0"])
)
lists = st.lists(st.integers(-1, 300) | names, max_size=3).map(lambda items: f"[{','.join(map(str, items))}]")
single = near | names | lists
ranges = st.tuples(st.sampled_from(["interval({},{})", "int(interval({},{}))", "range({},{})"]), near, near).map(
    lambda parts: parts[0].format(*parts[1:])
)
sweeps = (
    ranges
    | ranges.map("tag(log,{})".format)
    | st.lists(single, min_size=2, max_size=4).map(lambda items: f"choice({','.join(items)})")
)
sweeps |= st.lists(single, min_size=2, max_size=3, unique=True).map(",".join) | st.lists(
    near, min_size=2, max_size=3
).map(",".join)
by_group = st.sampled_from(
    [
        ("optimizer", list(OPTIMIZERS)),
        ("lr_decay", list(DECAYS)),
        ("init", list(INITS)),
        ("activation", list(ACTIVATIONS)),
    ]
)
groups = by_group.flatmap(
    lambda group: st.lists(st.sampled_from(group[1]), min_size=1, max_size=3).map(
        lambda some: f"{group[0]}={','.join(some)}"
    )
)
well_formed = st.tuples(keys, single | sweeps).map("=".join) | groups


def one_line(error):
    assert error.message
    assert not {"\n", "\r"} & set(error.message + error.hint)


@given(st.lists(lines, max_size=4) | st.lists(well_formed, max_size=4))
@settings(max_examples=150, deadline=None)
@example(["learning_rate=int(inf)"])
@example(["hidden=[[1]]"])
@example(["steps=" + "9" * 5000])
@example(["dataset.path='a\nb'"])
def test_compose_says_one_line_or_gives_a_config(typed):
    try:
        config = compose(typed)
    except InputError as error:
        one_line(error)
    else:
        assert isinstance(config, Config)


@given(st.lists(lines, max_size=3) | st.lists(well_formed, max_size=5))
@settings(max_examples=150, deadline=None)
@example(["learning_rate=interval(1e308,-1e308)"])
@example(["learning_rate=range(-1e308,1e308,1e-308)"])
@example(["hidden.depth=int(interval(0,1e300))"])
@example(["optimizer=1,2"])
@example(["optimizer=true,false"])
def test_plan_space_says_one_line_or_gives_a_space(typed):
    try:
        space = plan_space(typed)
    except InputError as error:
        one_line(error)
    else:
        assert isinstance(space, Space)
        for end in (0, -1):
            point = space.ask(lambda _, domain, end=end: domain.edges[end])
            try:
                assert compose(space.overrides(point)) == space.config(point)
            except InputError as error:
                one_line(error)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | names, inner, max_size=3),
    max_leaves=5,
)
parts = st.fixed_dictionaries(
    {}, optional={key.partition(".")[2]: plain for key in dotted_keys() if "." in key} | {"name": names}
)


@given(st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), plain | parts, max_size=5))
@settings(max_examples=150, deadline=None)
def test_plain_values_say_one_line_or_make_a_config(made):
    try:
        assert isinstance(check(build(made)), Config)
    except InputError as error:
        one_line(error)
