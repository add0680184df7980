"""HY50xx: devices, clusters and executors."""

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
    ),
    "HY5016": Code(
        "A device does not reach the memory of another one.",
        cause="Devices copy between their own memory and the host's.",
        remedy="Copy by way of the host.",
        example="device.copy(view_of_another_device, view)",
        runs=False,
    ),
    "HY5017": Code(
        "A function is not compiled, or was compiled for another target than the device's.",
        cause="Devices run compiled functions alone, each those of its target.",
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
    "HY5023": Code(
        "The queue of an executor is full, and the call was not to wait for room.",
        cause="As many calls as the executor takes are queued or running; the call was submitted with `wait=False`, or "
        "by the very thread that does the work which would make room.",
        remedy="Wait for some of the futures first, or make the executor with a longer queue.",
        example="""
            import hyperion as hp
            from hyperion.fences import Fence


            def next_one(n):
                return n + 1


            with hp.Instance() as instance, instance.executor(["cpu:0"], queue=1) as executor:
                function = instance.compile(next_one, arguments=(1,))["next_one"]
                future = executor.submit(function, [1], after=[Fence("what never comes")])
                try:
                    executor.submit(function, [2], wait=False)
                finally:
                    future.cancel()
        """,
    ),
    "HY5024": Code(
        "An executor was made with an option that it does not have.",
        cause="The message names the option, or what its value has to be.",
        remedy="Leave the option out, or take one that the message lists.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                instance.executor(["cpu:0"], colour="red")
        """,
    ),
    "HY5025": Code(
        "An executor was closed, and calls did not stop.",
        cause="They were cancelled, but their device does not look at that, or does not answer any more.",
        remedy="Give `close` a longer timeout, or none; look at the device. Results of these calls are dropped.",
        example="executor.close(timeout=0)  # while a device hangs",
        runs=False,
    ),
    "HY5026": Code(
        "An executor cannot start one of its threads.",
        cause="The system has no more threads or no memory for one (`ulimit -u`, `ulimit -v`), or the program ends.",
        remedy="End other threads or raise the limit, and call again; `execute` without a token runs in the calling "
        "thread where the device reads the host's memory.",
        example="executor.submit(function, arguments)  # where the system has no more threads",
        runs=False,
    ),
    "HY5030": Code(
        "A cluster has no device, names one twice, or has two that are made of the same processors.",
        cause="A cluster is an ordered set of devices, each of which computes beside the others. `cpu:0` is all "
        "processors, so it stands in no cluster with a group of them such as `cpu:0/2`.",
        remedy='Name each device once: `instance.cluster(["cpu:0", "cpu:1"])` has the halves of the processors.',
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                instance.cluster([])
        """,
    ),
    "HY5031": Code(
        "The description of a cluster cannot be read.",
        cause="`instance.cluster(PATH)` reads a file; there is none, or it may not be read.",
        remedy='Name a TOML file. A device is named in a list: `instance.cluster(["cpu:0"])`.',
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                instance.cluster("cpu:0")
        """,
    ),
    "HY5032": Code(
        "The description of a cluster is not TOML.",
        cause="The parser stopped at the place that the message shows, or the file is not UTF-8.",
        remedy="Repair the line; https://toml.io/en/v1.0.0 has the grammar.",
        example="""
            from hyperion.clusters.reading import parsed

            parsed("[[device]\\naddress = 'cpu:0'")
        """,
    ),
    "HY5033": Code(
        "The description of a cluster has an unknown key.",
        cause="There are `name`, `[[device]]` with `address` and `options`, and `[[link]]` with `between` or `from` "
        "and `to`, and `latency`, `bandwidth`, `shared`.",
        remedy="Take the key that the message proposes. Options of a device stand in its `options` table.",
        example="""
            from hyperion.clusters.reading import parsed

            parsed("[[device]]\\nadress = 'cpu:0'")
        """,
    ),
    "HY5034": Code(
        "The description of a cluster has a value of the wrong kind.",
        cause="The message says what belongs there. A latency is a number of seconds or a text such as `5 us`, a "
        "bandwidth a number of bytes per second or a text such as `10 GB/s`.",
        remedy="Write a value of that kind; units are those that the message lists, in their spelling.",
        example="""
            from hyperion.clusters.reading import parsed

            parsed("[[device]]\\naddress = 'cpu:0'\\n[[link]]\\nbetween = ['host', 'cpu:0']\\nlatency = '5'")
        """,
    ),
    "HY5035": Code(
        "The description of a cluster lacks a key.",
        cause="A `[[device]]` has an `address`; a `[[link]]` says where it leads and how fast.",
        remedy="Add what the message shows.",
        example="""
            from hyperion.clusters.reading import parsed

            parsed("[[device]]\\noptions = {}")
        """,
    ),
    "HY5036": Code(
        "A link of a cluster is described twice.",
        cause="Two links lead from one device to another one; `between` counts for both directions. Or links were "
        "given for a file that describes its own.",
        remedy="Leave one of them out.",
        example="""
            from hyperion.clusters.reading import parsed

            link = "[[link]]\\nbetween = ['host', 'cpu:0']\\nlatency = '5 us'\\n"
            parsed("[[device]]\\naddress = 'cpu:0'\\n" + link + link)
        """,
    ),
    "HY5037": Code(
        "A link names no device of its cluster.",
        cause="The ends of a link are addresses as the cluster names its devices, or `host`.",
        remedy="Take one that the message lists, or add the device.",
        example="""
            import hyperion as hp
            from hyperion.interfaces.cluster import Link

            with hp.Instance() as instance:
                instance.cluster(["cpu:0"], links={("host", "cpu:1"): Link(5e-6, 10e9)})
        """,
    ),
    "HY5038": Code(
        "A cluster has no such device.",
        cause="A device of a cluster is named by its place, its address, or itself.",
        remedy="Take one that the message lists.",
        example="""
            import hyperion as hp

            with hp.Instance() as instance:
                instance.cluster(["cpu:0"])["cpu:9"]
        """,
    ),
    "HY5039": Code(
        "A link cannot be as it is described.",
        cause="A latency is 0 seconds or more, a bandwidth more than 0 bytes per second; a link leads from one memory "
        "to another one; memory is shared only where the host reads that of both ends, and then takes no time.",
        remedy="Describe what is there, or have it measured: `instance.cluster(devices, measure=True)`.",
        example="""
            from hyperion.interfaces.cluster import Link

            Link(latency=-1.0)
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
}
