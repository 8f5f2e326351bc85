"""Stands in for makeqstrdefs.py: the names and the root pointers that C files use once they are preprocessed."""

import re
import subprocess
import sys
from pathlib import Path

folder, compiler, *words = sys.argv[1:]
flags, sources = words[: words.index("--")], words[words.index("--") + 1 :]
said = subprocess.run([compiler, "-E", "-P", "-DNO_QSTR", *flags, *sources], capture_output=True, text=True).stdout
names = sorted(set(re.findall(r"MP_QSTR_[A-Za-z0-9_]+", said)))
pointers = re.findall(r"MP_REGISTER_ROOT_POINTER\((.*?)\);", said)
texts = {
    "qstrdefs.generated.h": "".join(f'QDEF0({name}, 0, 0, "")\n' for name in names),
    "root_pointers.h": "".join(f"{pointer};\n" for pointer in pointers),
    "qstrdefs.preprocessed.h": "QCFG(BYTES_IN_LEN, 1)\nQCFG(BYTES_IN_HASH, 1)\n",
}
Path(folder).mkdir(exist_ok=True)
for name, text in texts.items():
    file = Path(folder, name)
    if not file.is_file() or file.read_text() != text:
        file.write_text(text)
