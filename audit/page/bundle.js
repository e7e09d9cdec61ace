// The files of a bundle: carried by this page, or given to it. Whatever comes in is bytes under a name; nothing is sent anywhere.

const CARRIED_ID = "bundle";

class Bundle {
    constructor() {
        this.files = new Map(); // name -> a function that gives its bytes
        this.carried = false;
        this.strangers = [];    // names of given files that are no file of a bundle
    }

    has(name) {
        return this.files.has(name);
    }

    async bytes(name) {
        return this.files.get(name)();
    }

    // Throws Bad when the element holds something else than files.
    static carriedBy(page) {
        const bundle = new Bundle();
        const text = page.getElementById(CARRIED_ID)?.textContent ?? "";
        let data = { files: {} };
        try {
            data = text === "" ? data : JSON.parse(text);
        } catch {
            throw new Bad("the data that this page carries cannot be read");
        }
        if (!isObject(data?.files)) {
            throw new Bad("the data that this page carries are no files");
        }
        for (const [name, text] of Object.entries(data.files)) {
            bundle.files.set(name, async () => {
                const bytes = bytesOfBase64(text);
                if (!bytes) {
                    throw new Bad("its base64 cannot be read");
                }
                return bytes;
            });
        }
        bundle.carried = bundle.files.size > 0;
        return bundle;
    }

    // Takes files that somebody chose or dropped. A file alone has no folder: its name says which it can be.
    give(list) {
        for (const file of list) {
            const path = (file.webkitRelativePath || file.name).split("/");
            const names = [path.slice(1).join("/"), path.at(-1), ...folders(path.at(-1))];
            const name = names.find((one) => [...FILE_NAMES, ...UNLISTED.map((text) => new RegExp(`^${text.replace(/\./g, "\\.")}$`))]
                .some((form) => form.test(one)));
            if (name === undefined) {
                this.strangers.push(path.join("/"));
            } else if (name !== "evidence.html") {
                this.files.set(name, async () => new Uint8Array(await file.arrayBuffer()));
            }
        }
    }
}

function folders(name) {
    return ["checkpoints", "policies", "evidence", "timestamps"].map((folder) => `${folder}/${name}`);
}
