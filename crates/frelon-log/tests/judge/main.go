// Judges a log that Frelon wrote, with the reference implementation of notes and trees.
//
// It reads a folder with a log (checkpoints, tiles, entry bundles) and with what Frelon says of it
// (roots and proofs, one a line), and ends with an error at the first thing that does not hold.
package main

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func refuse(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "refused: "+format+"\n", args...)
	os.Exit(1)
}

// tiles reads the tiles of a folder, by the paths of C2SP tlog-tiles.
type tiles string

func (folder tiles) Height() int { return 8 }

func (folder tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, tile := range wanted {
		// The paths of the Go checksum database name the height as well.
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(folder), path))
		if err != nil {
			return nil, err
		}
		read = append(read, data)
	}
	return read, nil
}

func (folder tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// open verifies a checkpoint and reads what it says.
func open(path string, known note.Verifiers, origin string) tlog.Tree {
	data, err := os.ReadFile(path)
	if err != nil {
		refuse("%v", err)
	}
	opened, err := note.Open(data, known)
	if err != nil {
		refuse("%s: %v", path, err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != origin || lines[3] != "" {
		refuse("%s: not the checkpoint of this log", path)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		refuse("%s: %v", path, err)
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		refuse("%s: %v", path, err)
	}
	return tlog.Tree{N: size, Hash: root}
}

// entries reads all entries from their bundles.
func entries(folder string, size int64) [][]byte {
	var all [][]byte
	for n := int64(0); n*256 < size; n++ {
		// Bundles lie where tiles of level 0 lie, under another name.
		tile := tlog.Tile{H: 8, L: 0, N: n, W: int(min(256, size-n*256))}
		path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
		data, err := os.ReadFile(filepath.Join(folder, path))
		if err != nil {
			refuse("%v", err)
		}
		for len(data) > 0 {
			length := int(binary.BigEndian.Uint16(data))
			all = append(all, data[2:2+length])
			data = data[2+length:]
		}
	}
	if int64(len(all)) != size {
		refuse("%d entries in a log of %d", len(all), size)
	}
	return all
}

func number(text string) int64 {
	parsed, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		refuse("%v", err)
	}
	return parsed
}

func hashes(texts []string) []tlog.Hash {
	var all []tlog.Hash
	for _, text := range texts {
		data, err := hex.DecodeString(text)
		if err != nil || len(data) != tlog.HashSize {
			refuse("%q is no hash", text)
		}
		all = append(all, tlog.Hash(data))
	}
	return all
}

func main() {
	folder, vkey := os.Args[1], os.Args[2]
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		refuse("%v", err)
	}
	known := note.VerifierList(verifier)

	// Every checkpoint that was published, from the tiles of its size.
	history, err := filepath.Glob(filepath.Join(folder, "history", "*"))
	if err != nil || len(history) == 0 {
		refuse("no history")
	}
	last := open(filepath.Join(folder, "checkpoint"), known, verifier.Name())
	reader := tlog.TileHashReader(last, tiles(folder))
	for _, path := range history {
		tree := open(path, known, verifier.Name())
		own, err := tlog.TreeHash(tree.N, tlog.TileHashReader(tree, tiles(folder)))
		if err != nil || own != tree.Hash {
			refuse("%s: %v, %v", path, own, err)
		}
		whole, err := tlog.TreeHash(tree.N, reader)
		if err != nil || whole != tree.Hash {
			refuse("%s is no beginning of the log: %v, %v", path, whole, err)
		}
	}

	// The entries make the tree.
	all := entries(folder, last.N)
	roots := []tlog.Hash{{}}
	var stored []tlog.Hash
	memory := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var read []tlog.Hash
		for _, index := range indexes {
			read = append(read, stored[index])
		}
		return read, nil
	})
	for n, entry := range all {
		more, err := tlog.StoredHashes(int64(n), entry, memory)
		if err != nil {
			refuse("%v", err)
		}
		stored = append(stored, more...)
		root, err := tlog.TreeHash(int64(n)+1, memory)
		if err != nil {
			refuse("%v", err)
		}
		roots = append(roots, root)
	}
	if roots[last.N] != last.Hash {
		refuse("the entries do not make the root")
	}

	// What Frelon says: `root SIZE HASH`, `inclusion INDEX SIZE HASH...`, `consistency OLD NEW HASH...`.
	claims, err := os.ReadFile(filepath.Join(folder, "claims"))
	if err != nil {
		refuse("%v", err)
	}
	rootAt := func(size int64) tlog.Hash {
		if size < 0 || size >= int64(len(roots)) {
			refuse("a log of %d has no size %d", last.N, size)
		}
		return roots[size]
	}
	counts := map[string]int{}
	for _, line := range strings.Split(strings.TrimSuffix(string(claims), "\n"), "\n") {
		words := strings.Split(line, " ")
		counts[words[0]]++
		switch words[0] {
		case "root":
			if rootAt(number(words[1])) != hashes(words[2:])[0] {
				refuse("%s", line)
			}
		case "inclusion":
			index, size := number(words[1]), number(words[2])
			if index < 0 || index >= last.N {
				refuse("%s", line)
			}
			proof, leaf := hashes(words[3:]), tlog.RecordHash(all[index])
			if err := tlog.CheckRecord(proof, size, rootAt(size), index, leaf); err != nil {
				refuse("%s: %v", line, err)
			}
			theirs, err := tlog.ProveRecord(size, index, reader)
			if err != nil || fmt.Sprint(theirs) != fmt.Sprint(tlog.RecordProof(proof)) {
				refuse("%s: another proof from the tiles, %v", line, err)
			}
		case "consistency":
			old, size := number(words[1]), number(words[2])
			proof := hashes(words[3:])
			if err := tlog.CheckTree(proof, size, rootAt(size), old, rootAt(old)); err != nil {
				refuse("%s: %v", line, err)
			}
		default:
			refuse("%s", line)
		}
	}
	fmt.Printf("%d checkpoints, %d roots, %d inclusion proofs, %d consistency proofs\n",
		len(history), counts["root"], counts["inclusion"], counts["consistency"])
}
