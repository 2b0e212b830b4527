export {
  type Asker,
  createTestMesh,
  type QueryOptions,
  type TestMesh,
  type TestMeshOptions,
} from './test-mesh.ts';
