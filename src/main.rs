//! The binary: everything is in the library, so that tests, benches and fuzz targets reach the same code.

fn main() -> std::process::ExitCode {
    dongtin::main()
}
