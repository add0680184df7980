"""HY50xx and HY52xx: devices, clusters, executors and networks."""

from __future__ import annotations

from hyperion.diagnostics.code import Code

CODES = {
    "HY5010": Code(
        "No device can have that address.",
        cause="An address is a kind, a colon and a number, `cpu:0`; no plugin knows this kind, or the kind has no such "
        "numbers.",
        remedy="Take an address that `hyperion devices` lists, or install the plugin of that kind.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                instance.device("abacus:0")
        """,
    ),
    "HY5011": Code(
        "A device is not here, or does not open.",
        cause="The machine has no such device, its driver is missing, or somebody else holds it; the message has the "
        "driver's word.",
        remedy="Look at `hyperion devices` and `hyperion doctor`, or take another device.",
        example='instance.device("cuda:7")  # on a machine with one GPU',
        runs=False,
    ),
    "HY5012": Code(
        "A device was lost: it does not answer any more.",
        cause="It was reset or unplugged, its driver failed, or its process ended. What was in its memory is gone.",
        remedy="Replace it in the cluster by another device, and run the call again; arguments on the host are whole.",
        example='executor.execute(module["f"], [xs])  # and the device goes away in the middle',
        runs=False,
    ),
    "HY5013": Code(
        "A device was opened with an option that it does not have.",
        cause="Each kind of device has options of its own; the message lists them.",
        remedy="Leave the option out, or look for its name in the message.",
        example='instance.device("virtual:0", colour="red")',
        runs=False,
    ),
    "HY5014": Code(
        "A device was used after it was closed.",
        cause="`close()`, or closing the Instance that opened it, ended it.",
        remedy="Take it from an Instance that is open: `instance.device(address)`.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                device = instance.device("cpu:0")
            device.allocate(8)
        """,
        runs=False,
    ),
    "HY5015": Code(
        "A device has no memory of that kind.",
        cause="`allocate` takes the kinds that `device.info.memories` lists.",
        remedy="Take one that the message lists, or none for the first.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                instance.device("cpu:0").allocate(8, "moon")
        """,
        runs=False,
    ),
    "HY5016": Code(
        "A device does not reach the memory of another one.",
        cause="Devices copy between their own memory and the host's.",
        remedy="Copy by way of the host.",
        example="device.copy(view_of_another_device, view)",
        runs=False,
    ),
    "HY5017": Code(
        "A compiled function was given to a device that runs code of another target.",
        cause="What a target compiled runs on its devices alone.",
        remedy="Give the module's function, `module[name]`, which is compiled for each device that runs it.",
        example="executor.execute(target.compile(program), [xs])  # on a device of another target",
        runs=False,
    ),
    "HY5018": Code(
        "A device is open already, and was not opened with these options.",
        cause="An Instance opens each device once.",
        remedy="Give the options where the device is first used, or use another Instance.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                instance.device("cpu:0")
                instance.device("cpu:0", colour="red")
        """,
    ),
    "HY5020": Code(
        "Work was cancelled.",
        cause="Its token or its future was cancelled; the message has the reason that was given.",
        remedy="Nothing, where that was meant. What was cancelled can be submitted again.",
        example="""
            from hyperion.tokens import Token

            token = Token()
            token.cancel("not needed any more")
            token.check()
        """,
    ),
    "HY5021": Code(
        "Work did not end before its deadline.",
        cause="The seconds of its token or its operation were not enough.",
        remedy="Give it more time, or a smaller part of the work.",
        example="""
            from hyperion.tokens import Token

            Token(seconds=0).check()
        """,
    ),
    "HY5022": Code(
        "An executor or a device was used in the child of a fork.",
        cause="The threads and the devices' contexts are the parent's.",
        remedy="Make an Instance and an executor in the child, or start processes by `spawn`.",
        example='multiprocessing.get_context("fork").Process(target=executor.execute, args=...).start()',
        runs=False,
    ),
    "HY5030": Code(
        "A cluster has no device, or names one twice.",
        cause="A cluster is an ordered set of devices.",
        remedy='Name each device once: `instance.cluster(["cpu:0", "cpu:1"])`.',
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                instance.cluster([])
        """,
    ),
    "HY5060": Code(
        "A virtual device, its fault, or HYPERION_VIRTUAL_DEVICES has a value that cannot be.",
        cause="Memory is a number of bytes, times are seconds, a fault names a method and the number of a call; the "
        "environment variable says how many virtual devices there are.",
        remedy="Look at the hint for what the option takes.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                instance.device("virtual:0", memory=-1)
        """,
    ),
    "HY5061": Code(
        "A call of a virtual device failed because it was asked to.",
        cause="The device was opened with `faults`, to see what the program does then.",
        remedy="Open it without them.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                instance.device("virtual:0", faults="raise at synchronize 1").synchronize()
        """,
    ),
    "HY5201": Code(
        "Ranks do not agree on what they do together.",
        cause="They started different operations, or gave other shapes, dtypes, roots or reductions; the message says "
        "what each rank gave.",
        remedy="Let every rank call the same operations in the same order.",
        example="network.broadcast(view, root=0)  # while another rank calls barrier()",
        runs=False,
    ),
    "HY5202": Code(
        "A network ended while ranks were waiting.",
        cause="A rank closed its end, aborted, or is gone; the message has its number and the reason.",
        remedy="Connect a new network among the ranks that are left.",
        example='network.abort("the disk is full")',
        runs=False,
    ),
}
